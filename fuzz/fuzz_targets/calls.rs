//! The calls that are made, and their arguments.

use arbitrary::Arbitrary;
use std::ffi::{CString, c_char};
use std::path::PathBuf;
use std::ptr;
use std::sync::LazyLock;

/// Bytes up to their first NUL; `None` is NULL.
pub type Text = Option<Vec<u8>>;

/// The place of a handle; an empty place is NULL.
#[derive(Debug, Clone, Copy, Arbitrary)]
pub enum Place {
    First,
    Second,
}

/// A file of certificates: arbitrary paths would read arbitrary files.
#[derive(Debug, Arbitrary)]
pub enum Path {
    Null,
    Missing,
    Folder,
    NotUtf8,
    Holding(Vec<u8>),
}

#[derive(Debug, Arbitrary)]
pub enum Id {
    Valid,
    Any(Text),
}

#[derive(Debug, Arbitrary)]
pub enum Call {
    Describe(i32),
    ConfigNew { place: Place, empty: bool },
    ConfigFree(Place),
    ApiKey(Place, Text),
    BaseUrl(Place, Text),
    AllowHttp(Place, bool),
    UserAgent(Place, Text),
    Header(Place, Text, Text),
    Proxy(Place, Text),
    CaFile(Place, Path),
    ConnectTimeout(Place, i64),
    RequestTimeout(Place, i64),
    MaxRetries(Place, u32),
    RateLimit(Place, f64),
    Log { place: Place, level: i32, is_null: bool },
    ClientNew { place: Place, config: Place, is_null: bool },
    ClientFree(Place),
    ClientApiKey(Place, Text),
    Get { client: Place, id: Id, token: Place, result: Place },
    Wait { client: Place, id: Id, options: Place, result: Place },
    Parse { body: Text, result: Place },
    Field { result: Place, name: Text },
    ResultFree(Place),
    ResultCopy { from: Place, to: Place },
    JobId(Text),
    OptionsNew(Place),
    OptionsFree(Place),
    MaxWait(Place, i64),
    PollInterval(Place, i64),
    MaxFailures(Place, u32),
    StopOnUnknown(Place, bool),
    OptionsToken { options: Place, token: Place },
    OnPoll { options: Place, is_null: bool },
    TokenNew(Place),
    TokenFree(Place),
    Cancel(Place),
}

/// A C string that lives as long as this.
pub struct Copied(Option<CString>);

impl Copied {
    pub fn new(text: Text) -> Copied {
        Copied(text.map(|mut bytes| {
            bytes.truncate(bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len()));
            CString::new(bytes).expect("no NUL")
        }))
    }

    pub fn pointer(&self) -> *const c_char {
        self.0.as_ref().map_or(ptr::null(), |text| text.as_ptr())
    }
}

/// One file for all runs of a process, which replaces it each time.
pub fn path(path: Path) -> Copied {
    static FILE: LazyLock<PathBuf> = LazyLock::new(|| {
        std::env::temp_dir().join(format!("pictory-fuzz-{}.pem", std::process::id()))
    });
    Copied::new(match path {
        Path::Null => None,
        Path::Missing => Some(b"/nonexistent/ca.pem".to_vec()),
        Path::Folder => Some(b".".to_vec()),
        Path::NotUtf8 => Some(b"/nonexistent/\xff".to_vec()),
        Path::Holding(bytes) => {
            std::fs::write(&*FILE, bytes).expect("a file");
            Some(FILE.to_str().expect("UTF-8").into())
        }
    })
}

/// The id, unless a call with it would go over the network.
pub fn admitted(id: Id, even_if_valid: bool) -> Option<Copied> {
    let id = match id {
        Id::Valid => Copied::new(Some(b"4a09edf9-d071-4847-bda5-8dea913d80fe".to_vec())),
        Id::Any(text) => Copied::new(text),
    };
    let is_long = id.0.as_ref().is_some_and(|id| id.as_bytes().len() == 36);
    (even_if_valid || !is_long).then_some(id)
}
