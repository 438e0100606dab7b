//! Interruptions, expiries and late answers in any order: each call ends as a model of the rules says, the
//! file is whole or as it was, and no part is lost that could be gone on with. PICTORY_INTERRUPTIONS says how
//! many; each round has a seed, which its failure names.

use std::fs;
use std::sync::atomic::{AtomicU64, Ordering};

use pictory::error::Code;
use pictory::outcome::Outcome;
use serde_json::{Value, json};

use crate::downloads::*;
use crate::emulator::{Emulator, Script, media_bytes};
use crate::support::*;

/// Several times what counts as getting on.
const SIZE: u64 = 200_000;
const GETS_ON: u64 = 65_536;

/// Rounds at a time: most of each goes into pauses.
const AT_ONCE: u64 = 48;

/// splitmix64.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % limit
    }
}

/// The file, or what has taken its place at its URL.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Version {
    First,
    Second,
}

impl Version {
    fn bytes(self, count: u64) -> Vec<u8> {
        media_bytes(if self == Version::First { NAME } else { "second" }, count)
    }
}

/// What the host of the output answers.
#[derive(Clone, Copy, Debug)]
enum Answer {
    /// A version, up to so many bytes of the body, and how late.
    Bytes {
        version: Version,
        most: u64,
        is_reset: bool,
        late_ms: u64,
    },
    Refusal(u16),
    WebPage,
}

/// What the API answers when the job is asked for another URL.
#[derive(Clone, Copy, Debug)]
enum JobAnswer {
    SameUrl,
    NewUrl(u64),
    Cleaned,
    Broken,
}

impl Answer {
    fn at_random(random: &mut Random) -> Answer {
        let version = if random.below(6) == 0 { Version::Second } else { Version::First };
        let late_ms = if random.below(8) == 0 { 30 } else { 0 };
        let most = match random.below(5) {
            0 => 0,
            1 => random.below(1000),
            2 => SIZE,
            _ => random.below(SIZE),
        };
        match random.below(10) {
            0 => Answer::Refusal([403, 404][random.below(2) as usize]),
            1 => Answer::Refusal([410, 503, 500][random.below(3) as usize]),
            2 => Answer::WebPage,
            _ => Answer::Bytes { version, most, is_reset: random.below(3) == 0, late_ms },
        }
    }

    fn step(self) -> Value {
        match self {
            Answer::Refusal(status) => json!({ "status": status }),
            Answer::WebPage => json!({ "headers": { "Content-Type": "text/html" } }),
            Answer::Bytes { version, most, is_reset, late_ms } => {
                let fault = if is_reset { "reset_at_body" } else { "cut_at_body" };
                let mut step = json!({ "delay_ms": late_ms, fault: most });
                if version == Version::Second {
                    step["media"] = json!("second");
                }
                step
            }
        }
    }
}

impl JobAnswer {
    fn at_random(random: &mut Random) -> JobAnswer {
        match random.below(8) {
            0 => JobAnswer::Cleaned,
            1 => JobAnswer::Broken,
            2..5 => JobAnswer::NewUrl(random.below(1000)),
            _ => JobAnswer::SameUrl,
        }
    }

    fn step(self) -> Value {
        let completed =
            |url: String| json!({ "body": { "data": { "status": "completed", "url": url } } });
        match self {
            JobAnswer::SameUrl => completed(format!("{{base}}/media/{NAME}?Signature=hidden")),
            JobAnswer::NewUrl(n) => completed(format!("{{base}}/media/{NAME}?Signature={n}")),
            JobAnswer::Cleaned => json!({ "body": { "data": { "status": "cleaned" } } }),
            JobAnswer::Broken => json!({ "status": 500 }),
        }
    }
}

/// The rules, on numbers alone.
struct Model {
    answers: std::vec::IntoIter<Answer>,
    job_answers: std::vec::IntoIter<JobAnswer>,
    part: Option<(Version, u64)>,
    whole: Option<Version>,
}

impl Model {
    /// How a call with so many retries ends.
    fn call(&mut self, retries: u32) -> Code {
        let (mut failed, mut may_ask, mut url, mut written, mut furthest) = (0, true, None, 0, 1);
        loop {
            let (brought, mut code) = self.transfer();
            written += brought;
            may_ask |= brought > 0;
            furthest = self.part.map_or(0, |(_, there)| there).max(furthest);
            if brought >= GETS_ON && written / furthest < 10 {
                failed = 0;
            }
            let is_final = match code {
                Code::Ok => return Code::Ok,
                Code::OutputExpired | Code::HttpStatus => {
                    // HttpStatus stands for 410 here.
                    let is_gone = code == Code::HttpStatus;
                    code = Code::OutputExpired;
                    let asked = std::mem::take(&mut may_ask)
                        .then(|| self.job_answers.next().unwrap_or(JobAnswer::SameUrl));
                    match asked {
                        Some(JobAnswer::NewUrl(n)) if url != Some(n) => {
                            url = Some(n);
                            continue;
                        }
                        // What it was begun with is another URL than the one that it goes by now.
                        Some(JobAnswer::SameUrl) if url.is_some() => {
                            url = None;
                            continue;
                        }
                        Some(JobAnswer::Cleaned) => true,
                        Some(JobAnswer::Broken) => {
                            code = Code::Server;
                            false
                        }
                        _ => is_gone,
                    }
                }
                _ => false,
            };
            if is_final || failed >= retries {
                return code;
            }
            failed += 1;
            may_ask = true;
        }
    }

    /// One request: the bytes that it brought, and how it ended.
    fn transfer(&mut self) -> (u64, Code) {
        let last =
            Answer::Bytes { version: Version::First, most: SIZE, is_reset: false, late_ms: 0 };
        let (version, most) = match self.answers.next().unwrap_or(last) {
            Answer::Refusal(403 | 404) => return (0, Code::OutputExpired),
            Answer::Refusal(410) => return (0, Code::HttpStatus),
            Answer::Refusal(_) => return (0, Code::Server),
            Answer::WebPage => return (0, Code::InvalidResponse),
            Answer::Bytes { version, most, .. } => (version, most),
        };
        let from = match self.part {
            Some((known, there)) if known == version => there,
            _ => 0,
        };
        let brought = most.min(SIZE - from);
        if brought > 0 {
            self.part = Some((version, from + brought));
        }
        if brought > 0 && from + brought == SIZE {
            (self.part, self.whole) = (None, Some(version));
            return (brought, Code::Ok);
        }
        (brought, Code::ConnectionLost)
    }
}

fn assert_is_as_the_model_says(shop: &Shop, model: &Model, outcome: &Outcome, seed: u64) {
    let there = fs::read(shop.path()).ok();
    assert!(there == model.whole.map(|version| version.bytes(SIZE)), "seed {seed}: the file");
    let part = fs::read(shop.part()).ok();
    let wanted = model.part.map(|(version, count)| version.bytes(count));
    assert!(part == wanted, "seed {seed}: a part of {:?}", part.map(|part| part.len()));
    assert_eq!(shop.folder.0.join(format!("{NAME}.part.info")).exists(), model.part.is_some());
    let done = model.part.map_or(0, |(_, there)| there);
    assert!(outcome.code() == Code::Ok || outcome.bytes_done() == done, "seed {seed}");
}

/// Downloads until the file is there; returns how many of the answers were interruptions.
fn round(seed: u64) -> u64 {
    let mut random = Random(seed);
    let answers: Vec<_> =
        (0..4 + random.below(9)).map(|_| Answer::at_random(&mut random)).collect();
    let jobs: Vec<_> = (0..random.below(6)).map(|_| JobAnswer::at_random(&mut random)).collect();
    let steps = |list: Vec<Value>, last: Value| list.into_iter().chain([last]).collect::<Vec<_>>();
    let script = Script::from_value(json!({
        "media": {
            NAME: {
                "size": SIZE,
                "steps": steps(answers.iter().map(|answer| answer.step()).collect(), json!({})),
            },
            "second": { "size": SIZE, "etag": "\"v2\"" },
        },
        "default": steps(
            jobs.iter().map(|answer| answer.step()).collect(),
            JobAnswer::SameUrl.step(),
        ),
    }));
    let is_tls = random.below(4) == 0;
    let start = if is_tls { Emulator::start_tls } else { Emulator::start };
    let shop = Shop::on(start(script));
    let client = if is_tls { tls_client(&shop.emulator) } else { client(&shop.emulator) };
    let count = answers.len() as u64;
    let mut model = Model {
        answers: answers.into_iter(),
        job_answers: jobs.into_iter(),
        part: None,
        whole: None,
    };
    while model.whole.is_none() {
        let limit = match random.below(20) {
            0 => 2,
            1..6 => 1,
            _ => 0,
        };
        let outcome = shop.download_by(&client, &shop.job(), VIDEO, retries(limit), None, None);
        let wanted = model.call(limit);
        let said = outcome.message().as_str();
        assert_eq!(outcome.code(), wanted, "seed {seed}: {said}");
        assert_is_as_the_model_says(&shop, &model, &outcome, seed);
    }
    count
}

#[test]
fn whatever_interrupts_it_a_download_ends_as_the_rules_say() {
    let wanted = std::env::var("PICTORY_INTERRUPTIONS").map_or(400, |count| count.parse().unwrap());
    let (seeds, interruptions) = (AtomicU64::new(0), AtomicU64::new(0));
    all_at_once(0..AT_ONCE, |_| {
        while interruptions.load(Ordering::Relaxed) < wanted {
            let seed = seeds.fetch_add(1, Ordering::Relaxed);
            interruptions.fetch_add(round(seed), Ordering::Relaxed);
        }
    });
    assert!(interruptions.into_inner() >= wanted);
}
