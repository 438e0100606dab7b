//! One HTTP reply, kept whole: nothing that came is lost.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use once_cell::race::OnceBox;
use serde_json::value::RawValue;

use crate::json;
use crate::redaction::MASK;
use crate::text::{Text, View};

/// A reply as it came, kept as small as it can be.
#[derive(Debug, Clone)]
pub(crate) struct RawReply {
    /// The body, a NUL, and, where there is one, the request id and a NUL: one allocation.
    bytes: Box<[u8]>,
    body_length: u32,
}

/// A reply of the API, or a body that the caller held already.
#[derive(Debug)]
pub struct Reply {
    raw: RawReply,
    status: u16,
    retry_after: Option<Duration>,
    /// The members of `data`, read when the first of them is asked for.
    members: OnceBox<BTreeMap<String, Text>>,
}

impl Reply {
    /// Takes over `body`, which is no larger than the limit. `request_id` is what the server calls
    /// this exchange.
    pub(crate) fn new(
        status: u16,
        mut body: Vec<u8>,
        request_id: Option<&str>,
        retry_after: Option<Duration>,
    ) -> Reply {
        let body_length = body.len() as u32;
        body.push(0);
        if let Some(id) = request_id.filter(|id| !id.is_empty() && !id.contains('\0')) {
            body.extend_from_slice(id.as_bytes());
            body.push(0);
        }
        let raw = RawReply { bytes: body.into_boxed_slice(), body_length };
        Reply { raw, status, retry_after, members: OnceBox::new() }
    }

    /// This reply with a request id that is safe to show, such as to the server's support; the body stays as it
    /// was received.
    pub(crate) fn redacted(self: Arc<Reply>, redact: impl Fn(&str) -> String) -> Arc<Reply> {
        let id = self.request_id().map(|id| redact(id.as_str()));
        match id.filter(|clean| clean.contains(MASK)) {
            None => self,
            Some(clean) => {
                let body = self.body().to_vec();
                Arc::new(Reply::new(self.status, body, Some(&clean), self.retry_after))
            }
        }
    }

    /// A reply with status 200 that was put away.
    pub(crate) fn restore(raw: RawReply) -> Reply {
        Reply { raw, status: 200, retry_after: None, members: OnceBox::new() }
    }

    /// The reply as it came, without what was read out of it.
    pub(crate) fn into_raw(this: Arc<Reply>) -> RawReply {
        Arc::try_unwrap(this).map_or_else(|shared| shared.raw.clone(), |reply| reply.raw)
    }

    /// The reply as it came, to be copied.
    pub(crate) fn raw(&self) -> &RawReply {
        &self.raw
    }

    /// The HTTP status; 0 for a body that the caller held.
    pub fn status(&self) -> u16 {
        self.status
    }

    /// The body, byte for byte.
    pub fn body(&self) -> &[u8] {
        self.raw.bytes.get(..self.raw.body_length as usize).unwrap_or_default()
    }

    /// The body and the NUL behind it. The body itself may hold more of them.
    pub fn body_and_nul(&self) -> &[u8] {
        self.raw.bytes.get(..=self.raw.body_length as usize).unwrap_or_default()
    }

    /// The request id by which the server's support finds this exchange.
    pub fn request_id(&self) -> Option<View<'_>> {
        let bytes = self.raw.bytes.get(self.raw.body_length as usize + 1..)?;
        (!bytes.is_empty()).then(|| View::of(bytes))
    }

    /// How long the server asked to wait.
    pub fn retry_after(&self) -> Option<Duration> {
        self.retry_after
    }

    /// A member of `data`: a string as it is, anything else as JSON, `null` is absent.
    pub(crate) fn member(&self, name: &str) -> Option<View<'_>> {
        let members = self.members.get_or_init(|| Box::new(self.read_members()));
        members.get(name).map(Text::view)
    }

    fn read_members(&self) -> BTreeMap<String, Text> {
        let body = json::text(self.body());
        let members = read_members(&body).or_else(|| read_members(&json::mended(&body)?));
        members.unwrap_or_default()
    }
}

/// The members of a body's `data`; `None` if it has none that can be read.
fn read_members(body: &str) -> Option<BTreeMap<String, Text>> {
    type Members<'a> = BTreeMap<String, &'a RawValue>;
    let envelope: Members<'_> = serde_json::from_str(body).ok()?;
    let data: Members<'_> = serde_json::from_str(envelope.get("data")?.get()).ok()?;
    let texts = data.into_iter().filter_map(|(name, value)| Some((name, member(value.get())?)));
    Some(texts.collect())
}

/// A string without its quotation marks; a number as it is spelled, however large; other JSON such that
/// a parser takes it.
fn member(json: &str) -> Option<Text> {
    let mended = || json::mended(json);
    let text = match json.as_bytes() {
        b"null" => return None,
        [b'"', ..] => {
            let text: serde_json::Result<String> = serde_json::from_str(json);
            text.ok().or_else(|| serde_json::from_str(&mended()?).ok())?
        }
        [b'[' | b'{', ..] => mended().unwrap_or_else(|| json.to_owned()),
        _ => json.to_owned(),
    };
    Some(Text::new(&text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_body_is_kept_byte_for_byte() {
        let reply = Reply::new(502, b"a\0\xff".to_vec(), Some("id-1"), None);
        assert_eq!(reply.body(), b"a\0\xff");
        assert_eq!(reply.body_and_nul(), b"a\0\xff\0");
        assert_eq!(reply.request_id().unwrap().as_str(), "id-1");
        assert_eq!(Reply::new(200, Vec::new(), None, None).request_id(), None);
    }

    #[test]
    fn any_member_of_data_can_be_asked_for() {
        let body = br#"{"data": {"s": "a\u0000\"b", "n": 12.80, "o": {"x": [1, 2]}, "z": null}}"#;
        let reply = Reply::new(200, body.to_vec(), None, None);
        let member = |name| reply.member(name).map(View::as_str);
        assert_eq!(member("s"), Some("a\u{FFFD}\"b"));
        assert_eq!(member("n"), Some("12.80"));
        assert_eq!(member("o"), Some(r#"{"x": [1, 2]}"#));
        assert_eq!(member("z"), None);
        assert_eq!(member("absent"), None);
        let again = reply.member("s").unwrap().bytes().as_ptr();
        assert_eq!(reply.member("s").unwrap().bytes().as_ptr(), again);
    }

    #[test]
    fn a_body_without_data_has_no_members() {
        for body in ["", "[]", "<html>", r#"{"data": null}"#, r#"{"data": 3}"#] {
            assert_eq!(Reply::new(200, body.into(), None, None).member("s"), None, "{body}");
        }
    }
}
