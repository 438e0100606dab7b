//! The script: what each request is answered. `README.md` describes it.

use super::history::History;
use super::page::Example;
use super::step::{Step, Steps};
use serde::de::Error;
use serde::{Deserialize, Deserializer};
use std::collections::HashMap;
use std::sync::Arc;

/// The script of an emulator: its answers. The default one knows no job.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Script {
    pub api_key: Option<String>,
    #[serde(deserialize_with = "without_case")]
    jobs: HashMap<String, Steps>,
    #[serde(rename = "default")]
    other_jobs: Option<Steps>,
    media: HashMap<String, Media>,
    connections: Vec<Option<ConnectionFault>>,
}

/// A file that can be fetched.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Media {
    pub size: u64,
    /// Names the content, so that a new version of a file can differ; else the file's name does.
    pub content: Option<String>,
    #[serde(default = "default_etag")]
    pub etag: Option<String>,
    #[serde(default = "default_last_modified")]
    pub last_modified: Option<String>,
    #[serde(default = "default_content_type")]
    pub content_type: String,
    #[serde(default = "default_ranges")]
    pub ranges: bool,
    pub steps: Option<Steps>,
}

/// The fate of a connection, whatever is asked on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConnectionFault {
    Stall,
    Close,
    Reset,
    Garbage,
    StallAfterBytes(usize),
}

impl Script {
    /// Reads a script; the error says where it is wrong.
    pub fn from_json(text: &str) -> Result<Script, String> {
        serde_json::from_str(text).map_err(|error| error.to_string()).and_then(Script::check)
    }

    /// Reads a script that a test has written with `json!`; panics when it is wrong.
    pub fn from_value(value: serde_json::Value) -> Script {
        let script = serde_json::from_value(value).map_err(|error| error.to_string());
        script.and_then(Script::check).unwrap_or_else(|error| panic!("wrong script: {error}"))
    }

    fn check(self) -> Result<Script, String> {
        let media = self.media.values().filter_map(|media| media.steps.as_ref());
        let lists = self.jobs.values().chain(&self.other_jobs).chain(media);
        for name in lists.flat_map(Steps::media) {
            if !self.media.contains_key(name) {
                return Err(format!("a step names `{name}`, which is not among the media"));
            }
        }
        Ok(self)
    }

    /// The script that the program plays when it is given none.
    pub fn examples() -> Script {
        Script::from_json(include_str!("examples.json")).expect("the examples are a valid script")
    }

    /// The step for the next poll of a job; `id` in lower case.
    pub fn job(&self, id: &str, history: &mut History) -> Arc<Step> {
        match self.jobs.get(id).or(self.other_jobs.as_ref()) {
            Some(steps) => history.next(steps),
            None => Arc::new(Step::example(Example::NotFound)),
        }
    }

    pub fn media(&self, name: &str) -> Option<&Media> {
        self.media.get(name)
    }

    /// The fate of connection number `n`, from 0.
    pub fn connection(&self, n: usize) -> Option<ConnectionFault> {
        self.connections.get(n).copied().flatten()
    }
}

impl Media {
    /// The step for the next request.
    pub fn step(&self, history: &mut History) -> Arc<Step> {
        self.steps.as_ref().map_or_else(|| Arc::new(Step::usual()), |steps| history.next(steps))
    }
}

fn default_etag() -> Option<String> {
    Some("\"v1\"".into())
}

fn default_last_modified() -> Option<String> {
    Some("Wed, 01 Jan 2025 00:00:00 GMT".into())
}

fn default_content_type() -> String {
    "video/mp4".into()
}

fn default_ranges() -> bool {
    true
}

/// Job ids are the same in either case.
fn without_case<'de, D: Deserializer<'de>>(from: D) -> Result<HashMap<String, Steps>, D::Error> {
    let given: HashMap<String, Steps> = HashMap::deserialize(from)?;
    let mut jobs = HashMap::new();
    for (id, steps) in given {
        if jobs.insert(id.to_ascii_lowercase(), steps).is_some() {
            return Err(D::Error::custom(format!("job {id} is listed twice")));
        }
    }
    Ok(jobs)
}
