// swift-tools-version: 6.0
// A program outside the package, in the language mode that PICTORY_SWIFT_MODE names: it sees what users see.
import PackageDescription

let package = Package(
    name: "Outside",
    platforms: [.macOS(.v13)],
    dependencies: [.package(name: "Pictory", path: "../..")],
    targets: [
        .executableTarget(name: "Outside", dependencies: [.product(name: "Pictory", package: "Pictory")])
    ],
    swiftLanguageModes: Context.environment["PICTORY_SWIFT_MODE"] == "5" ? [.v5] : [.v6]
)
