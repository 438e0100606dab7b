// swift-tools-version: 6.0
import PackageDescription

let package = Package(
    name: "Pictory",
    platforms: [.macOS(.v13), .iOS(.v16), .tvOS(.v16), .watchOS(.v9)],
    products: [.library(name: "Pictory", targets: ["Pictory"])],
    targets: [
        .systemLibrary(name: "Cpictory", pkgConfig: "pictory"),
        .target(name: "Pictory", dependencies: ["Cpictory"]),
        .testTarget(name: "PictoryTests", dependencies: ["Pictory"]),
    ]
)
