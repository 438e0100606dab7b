//! The emulator as a program: `cargo run --example emulator -- --help`.

#[path = "mod.rs"]
mod emulator;

use emulator::{Emulator, Script, certs, media_bytes};
use std::io::Write;
use std::net::{IpAddr, Ipv4Addr, TcpListener};
use std::process::ExitCode;

const HELP: &str = "\
Plays the Pictory API on this machine. Prints its base URL, then a line for each request.

usage: pictory-emulator [--port N] [--address IP] [--tls --ca FILE] [--script FILE]
                        [--ready-file FILE] [--quiet] [--print NAME]

  --port N           listen on this port; else on a free one
  --address IP       listen on this address of the machine; else on 127.0.0.1
  --tls              speak HTTPS, with a certificate for localhost, 127.0.0.1 and ::1
  --ca FILE          write the certificate of the CA that a client has to trust to FILE (PEM)
  --script FILE      what to answer (JSON, see its README); else the examples of the API's page
  --ready-file FILE  write the base URL to FILE once requests are answered
  --quiet            no line for each request
  --print NAME       only write that file of the script to stdout, as it is when it is served
  --help             print this

It ends on SIGINT and SIGTERM.
";

#[derive(Default)]
struct Options {
    port: u16,
    address: Option<IpAddr>,
    tls: bool,
    ca: Option<String>,
    script: Option<String>,
    ready_file: Option<String>,
    quiet: bool,
    print: Option<String>,
    help: bool,
}

fn main() -> ExitCode {
    let started = parse(std::env::args().skip(1)).and_then(|options| {
        if options.help {
            say(HELP.trim_end());
            return Ok(None);
        }
        if let Some(name) = &options.print {
            return print(&script(&options)?, name).map(|()| None);
        }
        // Before there are threads: they inherit it.
        let signals = block_signals();
        start(&options).map(|emulator| Some((emulator, signals)))
    });
    match started {
        Ok(None) => ExitCode::SUCCESS,
        Ok(Some((_emulator, signals))) => {
            wait_for_signal(&signals);
            ExitCode::SUCCESS
        }
        Err(message) => {
            let _ = writeln!(std::io::stderr(), "pictory-emulator: {message}");
            ExitCode::from(2)
        }
    }
}

fn parse(mut args: impl Iterator<Item = String>) -> Result<Options, String> {
    let mut options = Options::default();
    while let Some(arg) = args.next() {
        let mut value = || args.next().ok_or(format!("{arg} needs a value"));
        match arg.as_str() {
            "--port" => {
                let text = value()?;
                options.port = text.parse().map_err(|_| format!("{text} is not a port"))?;
            }
            "--address" => {
                let text = value()?;
                let address = text.parse().map_err(|_| format!("{text} is not an address"))?;
                options.address = Some(address);
            }
            "--ready-file" => options.ready_file = Some(value()?),
            "--quiet" => options.quiet = true,
            "--tls" => options.tls = true,
            "--ca" => options.ca = Some(value()?),
            "--script" => options.script = Some(value()?),
            "--print" => options.print = Some(value()?),
            "--help" => options.help = true,
            _ => return Err(format!("unknown argument {arg}; --help lists them")),
        }
    }
    if options.tls != options.ca.is_some() && !options.help {
        return Err("--tls and --ca FILE go together".into());
    }
    Ok(options)
}

fn script(options: &Options) -> Result<Script, String> {
    match &options.script {
        None => Ok(Script::examples()),
        Some(file) => std::fs::read_to_string(file)
            .map_err(|error| error.to_string())
            .and_then(|text| Script::from_json(&text))
            .map_err(|error| format!("{file}: {error}")),
    }
}

/// Writes a file of the script to stdout: what a download of it is compared with.
fn print(script: &Script, name: &str) -> Result<(), String> {
    let media = script.media(name).ok_or(format!("{name} is not among the media"))?;
    let bytes = media_bytes(media.content.as_deref().unwrap_or(name), media.size);
    std::io::stdout().write_all(&bytes).map_err(|error| format!("stdout: {error}"))
}

fn start(options: &Options) -> Result<Emulator, String> {
    let script = script(options)?;
    let address = options.address.unwrap_or(Ipv4Addr::LOCALHOST.into());
    if let Some(stale) = &options.ready_file {
        let _ = std::fs::remove_file(stale);
    }
    let listener = TcpListener::bind((address, options.port))
        .map_err(|error| format!("{address}, port {}: {error}", options.port))?;
    if let Some(file) = &options.ca {
        std::fs::write(file, certs::ca_pem()).map_err(|error| format!("{file}: {error}"))?;
    }
    let emulator = Emulator::start_on(script, listener, options.tls);
    emulator.keep_records(false);
    if !options.quiet {
        emulator.on_request(Box::new(|request, answer| {
            say(&format!("{} {} -> {answer}", request.method, request.path));
        }));
    }
    if let Some(file) = &options.ready_file {
        write_whole(file, &emulator.url()).map_err(|error| format!("{file}: {error}"))?;
    }
    say(&emulator.url());
    Ok(emulator)
}

/// Writes a file that is there as a whole, or not at all: whoever waits for it reads all of it.
fn write_whole(file: &str, line: &str) -> std::io::Result<()> {
    let unfinished = format!("{file}.unfinished");
    std::fs::write(&unfinished, format!("{line}\n"))?;
    std::fs::rename(unfinished, file)
}

/// Prints a line at once. Whether anybody reads it is not the emulator's business.
fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}

fn block_signals() -> libc::sigset_t {
    // SAFETY: all zeroes is a valid set, and the calls get a pointer to it.
    unsafe {
        let mut signals: libc::sigset_t = std::mem::zeroed();
        libc::sigemptyset(&raw mut signals);
        libc::sigaddset(&raw mut signals, libc::SIGINT);
        libc::sigaddset(&raw mut signals, libc::SIGTERM);
        libc::pthread_sigmask(libc::SIG_BLOCK, &raw const signals, std::ptr::null_mut());
        signals
    }
}

fn wait_for_signal(signals: &libc::sigset_t) {
    let mut signal = 0;
    // SAFETY: both pointers are to live values of the right type.
    unsafe { libc::sigwait(signals, &raw mut signal) };
}
