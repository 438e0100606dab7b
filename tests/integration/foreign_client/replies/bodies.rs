//! Replies that differ in how the end of the body is found.

use super::{Family, JOB, Reply, chunked, chunks, with_length};

pub(super) fn add(replies: &mut Vec<Reply>) {
    lengths(replies);
    chunk_sizes(replies);
    extensions(replies);
    trailers(replies);
    codings(replies);
    close_delimited(replies);
}

fn lengths(replies: &mut Vec<Reply>) {
    let mut family = Family::of("length", replies);
    let one = |value: &str| format!("Content-Length: {value}");
    for value in [
        "31",
        "0",
        "1",
        "30",
        "32",
        "1000",
        "031",
        "00000000000000000000031",
        "+31",
        "-31",
        "-0",
        "31.0",
        "3 1",
        "0x1f",
        "1f",
        "3e1",
        "abc",
        "",
        " 31",
        "31 ",
        "\t31\t",
        "31;x",
        "31,",
        ",31",
        "31,31",
        "31, 31",
        "31, 32",
        "\"31\"",
        "４",
        "18446744073709551615",
        "18446744073709551616",
        "99999999999999999999999",
        "9223372036854775808",
    ] {
        family.ok(&one(value), JOB);
    }
    for (first, second) in [("31", "31"), ("31", "32"), ("32", "31"), ("31", ""), ("31", "031")] {
        family.ok(&format!("{}\r\n{}", one(first), one(second)), JOB);
    }
    for name in ["content-length", "CONTENT-LENGTH", "Content-Length ", "Content_Length"] {
        family.ok(&format!("{name}: 31"), JOB);
    }
    family.ok("Content-Length:31", JOB);
    family.ok("Content-Length:31", "");
    family.ok("Content-Length: 31", &format!("{JOB}HTTP/1.1 200 OK\r\n"));
    family.ok("Content-Length: 2", &format!("{{}}{JOB}"));
    // Beside chunks the length does not count (RFC 9112, 6.3).
    for length in ["31", "1", "99", "x"] {
        family.ok(&format!("Content-Length: {length}\r\nTransfer-Encoding: chunked"), &chunks());
        family.ok(&format!("Transfer-Encoding: chunked\r\nContent-Length: {length}"), &chunks());
    }
    for status in ["204 No Content", "304 Not Modified", "205 Reset Content", "203 x", "202 x"] {
        family.with_status(&format!("HTTP/1.1 {status}"), "Content-Length: 31", JOB);
        family.with_status(&format!("HTTP/1.1 {status}"), "", "");
    }
}

fn chunk_sizes(replies: &mut Vec<Reply>) {
    let mut family = Family::of("chunk size", replies);
    let end = "\r\n0\r\n\r\n";
    for size in [
        "1f",
        "1F",
        "01f",
        "000000000000001f",
        "0000000000000001f",
        "00000000000000000000001f",
        "1f ",
        "1f\t",
        " 1f",
        "\t1f",
        "+1f",
        "-1f",
        "0x1f",
        "1g",
        "g",
        "",
        "1f\r",
        "1f\r\r",
        "1e",
        "20",
        "1f\0",
        "1f\u{c}",
        "1f\u{b}",
        "\u{c}1f",
        "1f,",
        "ffffffffffffffff",
        "10000000000000000",
        "7fffffffffffffff",
        "fffffffffffffff0",
    ] {
        family.bytes(size, chunked(&format!("{size}\r\n{JOB}{end}")));
    }
    family.bytes(
        "bytes",
        chunked(&(JOB.chars().map(|c| format!("1\r\n{c}\r\n")).collect::<String>() + "0\r\n\r\n")),
    );
    for (what, body) in [
        ("two chunks", chunks()),
        ("no chunks", "0\r\n\r\n".to_owned()),
        ("bare LF behind a size", format!("1f\n{JOB}{end}")),
        ("bare LF behind a chunk", format!("1f\r\n{JOB}\n0\r\n\r\n")),
        ("bare LF behind the last", format!("1f\r\n{JOB}\r\n0\n\r\n")),
        ("bare LF at the end", format!("1f\r\n{JOB}\r\n0\r\n\n")),
        ("bare CR behind a size", format!("1f\r{JOB}{end}")),
        ("bare CR behind a chunk", format!("1f\r\n{JOB}\r0\r\n\r\n")),
        ("no line break behind a chunk", format!("1f\r\n{JOB}0\r\n\r\n")),
        ("two line breaks behind a chunk", format!("1f\r\n{JOB}\r\n\r\n0\r\n\r\n")),
        ("a line break first", format!("\r\n1f\r\n{JOB}{end}")),
        ("no last chunk", format!("1f\r\n{JOB}\r\n")),
        ("no end", format!("1f\r\n{JOB}\r\n0\r\n")),
        ("last chunk of some zeros", format!("1f\r\n{JOB}\r\n0000\r\n\r\n")),
        ("more behind the end", format!("1f\r\n{JOB}{end}more")),
        ("plain", JOB.to_owned()),
        ("nothing", String::new()),
    ] {
        family.bytes(what, chunked(&body));
    }
}

fn extensions(replies: &mut Vec<Reply>) {
    let mut family = Family::of("extension", replies);
    for extension in [
        ";",
        ";x",
        ";x=y",
        "; x=y",
        " ;x=y",
        " ; x = y",
        ";x=\"y\"",
        ";x=\"a;b\"",
        ";x=\"a\\\"b\"",
        ";x=\"",
        ";x;y;z",
        ";;",
        ";=",
        "x",
        " x",
        ";x=\0",
        ";x=\u{7f}",
        ";x=é",
        ";x=\"a\rb\"",
        ";x=\"a\nb\"",
        ";\r",
    ] {
        family.bytes(extension, chunked(&format!("1f{extension}\r\n{JOB}\r\n0\r\n\r\n")));
        family.bytes(
            &format!("last {extension}"),
            chunked(&format!("1f\r\n{JOB}\r\n0{extension}\r\n\r\n")),
        );
    }
    for length in [100, 1_000, 10_000, 60_000, 100_000, 1_000_000] {
        let extension = "y".repeat(length);
        family.bytes(
            &format!("{length} bytes"),
            chunked(&format!("1f;x={extension}\r\n{JOB}\r\n0\r\n\r\n")),
        );
    }
}

fn trailers(replies: &mut Vec<Reply>) {
    let mut family = Family::of("trailer", replies);
    let with = |lines: &str| chunked(&format!("1f\r\n{JOB}\r\n0\r\n{lines}\r\n"));
    for lines in [
        "X: y\r\n",
        "X:\r\n",
        "X: y\r\nZ: a\r\n",
        "Content-Length: 5\r\n",
        "Transfer-Encoding: gzip\r\n",
        "X: y\n",
        "X\r\n",
        ": y\r\n",
        "X : y\r\n",
        " X: y\r\n",
        "X: y\r\n z\r\n",
        "X: \0\r\n",
        "X: é\r\n",
        "HTTP/1.1 200 OK\r\n",
    ] {
        family.bytes(lines, with(lines));
    }
    for count in [10, 63, 64, 65, 128, 200, 500] {
        family.bytes(&format!("{count} lines"), with(&"X: y\r\n".repeat(count)));
    }
    for length in [1_000, 10_000, 20_000, 50_000] {
        family.bytes(&format!("{length} bytes"), with(&format!("X: {}\r\n", "y".repeat(length))));
    }
}

fn codings(replies: &mut Vec<Reply>) {
    let mut family = Family::of("transfer coding", replies);
    for coding in [
        "chunked",
        "Chunked",
        "CHUNKED",
        " chunked ",
        "\tchunked\t",
        "chunked,",
        ",chunked",
        ", ,chunked, ,",
        "identity",
        "Identity",
        "identity, chunked",
        "chunked, identity",
        "gzip",
        "deflate",
        "gzip, chunked",
        "chunked, gzip",
        "chunked, chunked",
        "chunked; q=1",
        "chunked;",
        "\"chunked\"",
        "xchunked",
        "chunked x",
        "chunkedx",
        "chunk",
        "",
    ] {
        let line = format!("Transfer-Encoding: {coding}");
        family.ok(&line, &chunks());
        family.ok(&format!("{line}\r\nContent-Length: 31"), JOB);
    }
    for (first, second) in [
        ("identity", "chunked"),
        ("chunked", "identity"),
        ("gzip", "chunked"),
        ("chunked", "chunked"),
    ] {
        family.ok(&format!("Transfer-Encoding: {first}\r\nTransfer-Encoding: {second}"), &chunks());
    }
    for coding in ["gzip", "gzip, chunked", "chunked"] {
        let line = format!("Transfer-Encoding: {coding}");
        family.with_status("HTTP/1.1 404 Not Found", &line, &chunks());
        family.with_status("HTTP/1.0 200 OK", &line, &chunks());
    }
    let mut family = Family::of("content coding", replies);
    for coding in
        ["identity", "IDENTITY", "", "gzip", "br", "identity, gzip", "x-gzip", "identity, identity"]
    {
        let line = format!("Content-Encoding: {coding}\r\n");
        family.bytes(coding, with_length(&line));
        family.bytes(&format!("{coding} of a 404"), with_length(&line).replace("200 OK", "404 x"));
    }
}

fn close_delimited(replies: &mut Vec<Reply>) {
    let mut family = Family::of("close-delimited", replies);
    for connection in [
        "",
        "Connection: close",
        "Connection: keep-alive",
        "Connection: Close, x",
        "Connection: upgrade",
        "X: y",
    ] {
        for body in [JOB, "", "<html>", "\u{feff}{}", "\0\0"] {
            family.ok(connection, body);
        }
        for status in ["HTTP/1.0 200 OK", "HTTP/1.0 404 x", "HTTP/1.1 500 x"] {
            family.with_status(status, connection, JOB);
        }
    }
    let mut family = Family::of("connection", replies);
    for connection in [
        "close",
        "keep-alive",
        "Close",
        "close, x",
        "upgrade",
        "x",
        "",
        "close\r\nConnection: keep-alive",
    ] {
        let line = format!("Connection: {connection}\r\n");
        family.bytes(connection, with_length(&line));
        let old = with_length(&line).replace("HTTP/1.1", "HTTP/1.0");
        family.bytes(&format!("{connection} in HTTP/1.0"), old);
        family.ok(&format!("{line}Transfer-Encoding: chunked"), &chunks());
    }
}
