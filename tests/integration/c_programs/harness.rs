//! Builds the C programs and runs them.

use crate::emulator::Emulator;
use std::collections::HashMap;
use std::ffi::{OsStr, OsString};
use std::io::{PipeReader, Read, Write};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Arc, LazyLock, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};
use std::{env, fs, thread};

/// The key that programs find in their environment.
pub(super) const KEY: &str = "pictai_c_program";

/// The variable that names the CA of an emulator that speaks HTTPS.
const CA: &str = "PICTORY_TEST_CA";

/// The exit status by which valgrind says that it found something.
const VALGRIND_FOUND: &str = "--error-exitcode=99";

/// Whether the programs run under valgrind.
fn under_valgrind() -> bool {
    env::var_os("PICTORY_TEST_VALGRIND").is_some_and(|value| value == "1")
}

/// How the programs are built and run for another system, if they are: by the compiler in
/// `PICTORY_TEST_CC`, with the library in `PICTORY_TEST_LIBRARY`, under the words in
/// `PICTORY_TEST_RUNNER`, such as an emulator of its processor.
fn elsewhere(name: &str) -> Option<OsString> {
    env::var_os(format!("PICTORY_TEST_{name}"))
}

/// Whether they run many times slower than by themselves.
fn is_slow() -> bool {
    under_valgrind() || elsewhere("CC").is_some()
}

/// One case of a program, about to be run.
pub(super) struct Program {
    source: &'static str,
    case: &'static str,
    variables: Vec<(OsString, OsString)>,
    stdin: Option<PipeReader>,
    runner: Vec<OsString>,
    is_exempt_from_valgrind: bool,
}

impl Program {
    /// The case `case` of `tests/c/{source}.c`.
    pub(super) fn new(source: &'static str, case: &'static str) -> Program {
        Program {
            source,
            case,
            variables: Vec::new(),
            stdin: None,
            runner: Vec::new(),
            is_exempt_from_valgrind: false,
        }
    }

    /// Sets a variable of its environment.
    pub(super) fn with(mut self, name: &str, value: impl AsRef<OsStr>) -> Program {
        self.variables.push((name.into(), value.as_ref().into()));
        self
    }

    /// Has the library find the emulator, and a key, in its environment.
    pub(super) fn against(self, emulator: &Emulator) -> Program {
        self.with("PICTORY_API_BASE_URL", emulator.url()).with("PICTORY_API_KEY", KEY)
    }

    /// The same with the CA of an emulator that speaks HTTPS, which the program has to set.
    pub(super) fn against_tls(self, emulator: &Emulator) -> Program {
        self.against(emulator).with(CA, emulator.ca_file())
    }

    /// Writes a byte to its stdin for each request that the emulator gets, before the answer.
    pub(super) fn told_of_requests(mut self, emulator: &Emulator) -> Program {
        let (reader, writer) = std::io::pipe().expect("a pipe");
        emulator.on_request(Box::new(move |_, _| {
            let _ = (&writer).write_all(b".");
        }));
        self.stdin = Some(reader);
        self
    }

    /// Never runs it under valgrind; whoever calls this says why.
    pub(super) fn exempt_from_valgrind(mut self) -> Program {
        self.is_exempt_from_valgrind = true;
        self
    }

    /// Runs it by another program, such as a tracer, with these arguments before its own.
    pub(super) fn by(mut self, runner: &[&OsStr]) -> Program {
        self.runner = runner.iter().map(OsString::from).collect();
        self.exempt_from_valgrind()
    }

    /// Runs it: it must end well and print nothing.
    pub(super) fn run(self) {
        let (source, case) = (self.source, self.case);
        let limit = Duration::from_secs(if is_slow() { 300 } else { 60 });
        let output = run(self.command(), limit);
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
        let status = output.status;
        let is_silent = stdout.is_empty() && stderr.is_empty();
        let how = if status.signal() == Some(libc::SIGKILL) { "hung, and was killed" } else { "" };
        assert!(
            status.success() && is_silent,
            "{source} {case}: {status} {how}\nstdout: {stdout}\nstderr: {stderr}"
        );
    }

    fn command(self) -> Command {
        let built = build(self.source);
        let mut words = self.runner.clone();
        if under_valgrind() && !self.is_exempt_from_valgrind {
            let valgrind = [
                "valgrind",
                "--quiet",
                VALGRIND_FOUND,
                "--leak-check=full",
                "--show-leak-kinds=definite,indirect,possible",
                "--errors-for-leak-kinds=definite,indirect,possible",
                concat!("--suppressions=", env!("CARGO_MANIFEST_DIR"), "/tests/c/valgrind.supp"),
            ];
            words.extend(valgrind.map(OsString::from));
        }
        if let Some(runner) = elsewhere("RUNNER") {
            let runner = runner.into_string().expect("words");
            words.extend(runner.split(' ').map(OsString::from));
        }
        words.extend([built.into_os_string(), self.case.into()]);
        let mut words = words.into_iter();
        let mut command = Command::new(words.next().expect("a program to run"));
        command.args(words).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.stdin(self.stdin.map_or(Stdio::null(), Stdio::from));
        let ours = ["PICTORY_API_KEY", "PICTORY_API_BASE_URL"];
        let proxies = ["https_proxy", "all_proxy", "http_proxy", "no_proxy"];
        for name in ours.into_iter().chain(proxies) {
            command.env_remove(name).env_remove(name.to_uppercase());
        }
        command.env("LD_LIBRARY_PATH", &*FOLDER).envs(self.variables);
        command.env("PICTORY_TEST_LATENESS_MS", if is_slow() { "20000" } else { "1000" });
        command
    }
}

/// Runs a command to its end, and kills it when it hangs.
fn run(mut command: Command, limit: Duration) -> Output {
    let mut child = command.spawn().unwrap_or_else(|cause| panic!("{command:?}: {cause}"));
    // What holds the other end of its stdin would keep the pipe open after it has ended.
    drop(command);
    let (stdout, stderr) = (collect(child.stdout.take()), collect(child.stderr.take()));
    let status = await_end(&mut child, Instant::now() + limit);
    let text = |reader: thread::JoinHandle<Vec<u8>>| reader.join().expect("a thread that reads");
    Output { status, stdout: text(stdout), stderr: text(stderr) }
}

fn await_end(child: &mut Child, until: Instant) -> std::process::ExitStatus {
    loop {
        if let Some(status) = child.try_wait().expect("a child to wait for") {
            return status;
        }
        if Instant::now() >= until {
            let _ = child.kill();
            return child.wait().expect("a child to wait for");
        }
        thread::sleep(Duration::from_millis(5));
    }
}

fn collect(pipe: Option<impl Read + Send + 'static>) -> thread::JoinHandle<Vec<u8>> {
    let mut pipe = pipe.expect("the pipe that was asked for");
    thread::spawn(move || {
        let mut bytes = Vec::new();
        let _ = pipe.read_to_end(&mut bytes);
        bytes
    })
}

/// The shared library that cargo has built for this very run: it lies beside this program, while
/// the copy one folder up is only renewed by `cargo build`.
pub(super) fn library() -> PathBuf {
    if let Some(library) = elsewhere("LIBRARY") {
        return library.into();
    }
    let beside = env::current_exe().expect("this program").with_file_name("libpictory.so");
    assert!(beside.exists(), "{} is missing", beside.display());
    beside
}

/// Where the programs are, with the library under the name that they were linked with.
static FOLDER: LazyLock<PathBuf> = LazyLock::new(|| {
    // Not in cargo's folder for such files, which the profiles share.
    let folder = library().with_file_name("c_programs");
    fs::create_dir_all(&folder).expect("a folder");
    replace(&folder.join("libpictory.so.1"), |new| {
        std::os::unix::fs::symlink(library(), new).expect("a link to the library");
    });
    folder
});

/// Makes a file anew under a name of its own, then renames it: another run may be using the old.
fn replace(path: &Path, make: impl FnOnce(&Path)) {
    let mut new = path.as_os_str().to_owned();
    new.push(format!(".{}", std::process::id()));
    let _ = fs::remove_file(&new);
    make(Path::new(&new));
    fs::rename(&new, path).expect("a new name");
}

type Built = HashMap<&'static str, Arc<OnceLock<PathBuf>>>;

/// Compiles a program, once in each run.
fn build(source: &'static str) -> PathBuf {
    static BUILT: LazyLock<Mutex<Built>> = LazyLock::new(Mutex::default);
    let mut built = BUILT.lock().unwrap_or_else(PoisonError::into_inner);
    let program = Arc::clone(built.entry(source).or_default());
    drop(built);
    program.get_or_init(|| compile(source)).clone()
}

fn compile(source: &str) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let program = FOLDER.join(source);
    replace(&program, |new| {
        let mut command = elsewhere("CC").map_or_else(|| compiler().to_command(), Command::new);
        command
            .args("-std=c99 -Wall -Wextra -Wpedantic -Wconversion -Werror -pthread -g".split(' '));
        command.arg("-I").arg(root.join("include"));
        command.arg(root.join(format!("tests/c/{source}.c"))).arg("-o").arg(new);
        // Not for a program that loads the library itself.
        command.arg("-Wl,--as-needed").arg(FOLDER.join("libpictory.so.1")).args(["-ldl", "-lm"]);
        let output = command.output().unwrap_or_else(|cause| panic!("{command:?}: {cause}"));
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && errors.is_empty(), "{source}.c:\n{errors}");
    });
    program
}

/// The compiler that a build script would find.
fn compiler() -> cc::Tool {
    let target = format!("{}-unknown-linux-{}", env::consts::ARCH, libc_name());
    let mut build = cc::Build::new();
    build.target(&target).host(&target).opt_level(1).out_dir(&*FOLDER).cargo_metadata(false);
    build.warnings(false).get_compiler()
}

fn libc_name() -> &'static str {
    if cfg!(target_env = "musl") { "musl" } else { "gnu" }
}

/// Whether a tool is installed; if not, the test that needs it says so.
pub(super) fn is_missing(tool: &str) -> bool {
    let is_missing = Command::new(tool).arg("--version").output().is_err();
    if is_missing {
        println!("skipped: needs {tool}");
    }
    is_missing
}
