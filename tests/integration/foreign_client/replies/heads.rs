//! Replies that differ in their heads.

use super::{Family, JOB, Reply, with_length};

pub(super) fn add(replies: &mut Vec<Reply>) {
    status_lines(replies);
    interim(replies);
    lines(replies);
    folds(replies);
    sizes(replies);
    no_http(replies);
}

fn status_lines(replies: &mut Vec<Reply>) {
    let mut family = Family::of("status", replies);
    for status in [
        "000",
        "001",
        "099",
        "200",
        "201",
        "202",
        "203",
        "206",
        "226",
        "299",
        "300",
        "301",
        "302",
        "303",
        "305",
        "307",
        "308",
        "400",
        "401",
        "403",
        "404",
        "407",
        "408",
        "410",
        "416",
        "418",
        "425",
        "429",
        "500",
        "502",
        "503",
        "504",
        "599",
        "600",
        "799",
        "999",
        "1000",
        "20",
        "2",
        "",
        "abc",
        "2x0",
        "-200",
        "+200",
        "0200",
        "200.1",
        "２００",
    ] {
        family.with_status(&format!("HTTP/1.1 {status} x"), "Content-Length: 31", JOB);
    }
    for line in [
        "HTTP/1.1 200",
        "HTTP/1.1 200 ",
        "HTTP/1.1 200  OK",
        "HTTP/1.1  200 OK",
        "HTTP/1.1\t200\tOK",
        "HTTP/1.1 200\tOK",
        "HTTP/1.1 200 é",
        "HTTP/1.1 200 a\tb",
        "HTTP/1.1 200 \0",
        "HTTP/1.1 200 a\rb",
        "HTTP/1.1200 OK",
        "HTTP/1.1 200OK",
        "HTTP/1.0 200 OK",
        "HTTP/1.2 200 OK",
        "HTTP/1.9 200 OK",
        "HTTP/1 200 OK",
        "HTTP/1.01 200 OK",
        "HTTP/2 200 OK",
        "HTTP/2.0 200 OK",
        "HTTP/0.9 200 OK",
        "HTTP/3.0 200 OK",
        "http/1.1 200 OK",
        "Http/1.1 200 OK",
        "HTTPS/1.1 200 OK",
        "HTTP 200 OK",
        "ICY 200 OK",
        "HTTP/1,1 200 OK",
        " HTTP/1.1 200 OK",
        "\tHTTP/1.1 200 OK",
        "\r\nHTTP/1.1 200 OK",
        "\nHTTP/1.1 200 OK",
        "\r\n\r\n\r\nHTTP/1.1 200 OK",
        "\u{feff}HTTP/1.1 200 OK",
        "xHTTP/1.1 200 OK",
        "HTTP/1.1 200 OK ",
        "200 OK",
        "GET / HTTP/1.1",
        "OK 200 HTTP/1.1",
    ] {
        family.with_status(line, "Content-Length: 31", JOB);
    }
    family.with_status(&format!("HTTP/1.1 200 {}", "x".repeat(5_000)), "Content-Length: 31", JOB);
    family.with_status("HTTP/1.1 302 Found", "Location: /elsewhere\r\nContent-Length: 31", JOB);
    family.with_status("HTTP/1.1 302 Found", "Location:\r\nContent-Length: 31", JOB);
    family.with_status("HTTP/1.1 307 x", "Location: http://\u{e9}\r\nContent-Length: 31", JOB);
}

fn interim(replies: &mut Vec<Reply>) {
    let mut family = Family::of("interim", replies);
    let whole = with_length("");
    for interim in [
        "100 Continue\r\n",
        "100 Continue\r\nX: y\r\n",
        "100 Continue\r\nContent-Length: 31\r\n",
        "100\r\n",
        "102 Processing\r\n",
        "103 Early Hints\r\n",
        "103 Early Hints\r\nLink: </a>; rel=preload\r\n",
        "104 x\r\n",
        "199 x\r\n",
        "103 x\r\nContent-Length: 5\r\n",
        "103 x\r\nTransfer-Encoding: chunked\r\n",
        "103 x\r\nConnection: close\r\n",
        "101 x\r\n",
        "101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n",
        "103 x\r\n folded\r\n",
        "103 x\r\nX\r\n",
    ] {
        family.bytes(interim, format!("HTTP/1.1 {interim}\r\n{whole}"));
        family.bytes(&format!("{interim} alone"), format!("HTTP/1.1 {interim}\r\n"));
    }
    for status in ["100", "103"] {
        for count in [2, 3, 15, 16, 17, 30] {
            let interim = format!("HTTP/1.1 {status} x\r\n\r\n").repeat(count);
            family.bytes(&format!("{count} times {status}"), interim + &whole);
        }
    }
    family.bytes("in HTTP/1.0", format!("HTTP/1.0 100 Continue\r\n\r\n{whole}"));
    family.bytes(
        "before a 404",
        format!("HTTP/1.1 103 x\r\n\r\n{}", whole.replace("200 OK", "404 x")),
    );
    family.bytes("before junk", "HTTP/1.1 103 x\r\n\r\njunk");
}

fn lines(replies: &mut Vec<Reply>) {
    let mut family = Family::of("header", replies);
    for line in [
        "X: y",
        "X:y",
        "X:",
        "X: ",
        "X:\ty\t",
        "X:  y  ",
        "X : y",
        "X\t: y",
        "X y",
        "X",
        ":",
        ": y",
        "X:: y",
        "X: é",
        "X: \u{1f600}",
        "X: \0",
        "X: a\0b",
        "X: a\rb",
        "X: a\nb",
        "X: \u{7f}",
        "X: \u{1}",
        "é: y",
        "X\0: y",
        "X(: y",
        "X\": y",
        "X/: y",
        "X@: y",
        "X{: y",
        "!#$%&'*+-.^_`|~09: y",
        "X: y\r",
        "\rX: y",
        "\r\rX: y",
        "\u{c}X: y",
        "\u{b}X: y",
        "\0X: y",
        "X: \u{c}y",
        "X: y\u{c}",
        "\r",
        "Date: x",
        "Retry-After: x",
        "Set-Cookie: a\r\nSet-Cookie: b",
        "Content-Type: text/plain; charset=x",
    ] {
        family.bytes(line, with_length(&format!("{line}\r\n")));
    }
    let bare = |text: String| text.replace("\r\n", "\n");
    family.bytes("bare LF everywhere", bare(with_length("X: y\r\n")));
    family.bytes(
        "bare LF at the end of the head",
        with_length("X: y\r\n").replace("\r\n\r\n", "\r\n\n"),
    );
    family.bytes("bare LF once", with_length("X: y\n"));
    family.bytes("bare CR everywhere", with_length("X: y\r\n").replace("\r\n", "\r"));
    family.bytes("CR CR LF", with_length("X: y\r\n").replace("\r\n", "\r\r\n"));
    let latin = |text: String| text.replace('é', "\u{1}").into_bytes();
    let to_latin = |bytes: Vec<u8>| bytes.into_iter().map(|b| if b == 1 { 0xe9 } else { b });
    family.bytes("Latin-1", to_latin(latin(with_length("X: é\r\n"))).collect::<Vec<u8>>());
}

fn folds(replies: &mut Vec<Reply>) {
    let mut family = Family::of("fold", replies);
    for line in [
        "X: y\r\n z",
        "X: y\r\n\tz",
        "X:\r\n y",
        "X: y\r\n",
        "X: y\r\n  \t z",
        "X: y\r\n a\r\n b\r\n c",
        "X: y\r\n z: a",
        "X: y\r\n Content-Length: 5",
        "X: y\r\n ",
        "X: y\r\n \rz",
        "X: y\r\n \u{c}z",
        "X: y\r\n \0z",
        "X: y\n z",
        "X: y\r\n\u{c}z",
    ] {
        family.bytes(line, with_length(&format!("{line}\r\n")));
    }
    for lines in [
        "Content-Length:\r\n 31",
        "Content-Length: 3\r\n 1",
        "Content-Length: 31\r\n ,31",
        "Content-Length: 31\r\n ",
    ] {
        family.ok(lines, JOB);
    }
    family.ok("Transfer-Encoding:\r\n chunked", &super::chunks());
    family.ok("Transfer-Encoding: chunked\r\n , gzip", &super::chunks());
    family.bytes("in the first line", format!("HTTP/1.1 200 OK\r\n x: y\r\n\r\n{JOB}"));
}

fn sizes(replies: &mut Vec<Reply>) {
    let mut family = Family::of("size", replies);
    for count in [50, 99, 100, 126, 127, 128, 200, 254, 255, 256, 300] {
        family.bytes(&format!("{count} lines"), with_length(&"X: y\r\n".repeat(count)));
    }
    for length in [1_000, 8_000, 16_000, 17_000, 20_000, 40_000, 65_000, 66_000, 200_000] {
        family.bytes(
            &format!("{length} bytes"),
            with_length(&format!("X: {}\r\n", "y".repeat(length))),
        );
    }
    family.bytes("long name", with_length(&format!("{}: y\r\n", "X".repeat(10_000))));
}

fn no_http(replies: &mut Vec<Reply>) {
    let mut family = Family::of("no HTTP", replies);
    for bytes in [
        "",
        "\r\n",
        "\r\n\r\n",
        "\n",
        " ",
        "\0",
        "H",
        "HTTP",
        "HTTP/1.1",
        "SSH-2.0-OpenSSH_9.2\r\n",
        "220 ready\r\n",
        "<html>",
        JOB,
        "+OK\r\n",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        "\u{15}\u{3}\u{3}\0\u{2}\u{2}F",
        "\0\0\u{12}\u{4}\0\0\0\0\0\0",
        "HTTP/1.1 200 OK\r\n",
        "HTTP/1.1 200 OK\n\n",
        "HTTP/1.1 200 OK\r\r",
    ] {
        family.bytes(bytes, bytes);
    }
}
