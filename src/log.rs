//! What the library tells about its work, when it is asked to.

use std::fmt;
use std::sync::Arc;

/// How important a line is; a level includes those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(i32)]
pub enum Level {
    /// Nothing.
    Off = 0,
    /// What made a call fail.
    Error = 1,
    /// What was overcome, such as a failed poll.
    Warn = 2,
    /// How calls ended.
    Info = 3,
    /// Every request and connection.
    Debug = 4,
}

impl Level {
    /// The level with this number.
    pub fn from_number(number: i32) -> Option<Level> {
        [Level::Off, Level::Error, Level::Warn, Level::Info, Level::Debug]
            .into_iter()
            .find(|level| *level as i32 == number)
    }
}

/// Takes the lines; may be called on several threads at once.
pub type Sink = Arc<dyn Fn(Level, &str) + Send + Sync>;

/// Where lines go, and from which level on.
#[derive(Clone)]
pub(crate) struct Log {
    level: Level,
    sink: Option<Sink>,
}

impl Log {
    pub(crate) fn new(level: Level, sink: Option<Sink>) -> Log {
        Log { level, sink }
    }

    /// The sink, if lines of this level are wanted.
    pub(crate) fn wants(&self, level: Level) -> Option<&Sink> {
        self.sink.as_ref().filter(|_| level <= self.level)
    }
}

impl fmt::Debug for Log {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Log").field("level", &self.level).finish_non_exhaustive()
    }
}
