//! The JSON around a job, read in one pass without copying what needs no copy.
//!
//! Members that are not known are skipped, but still read as JSON, so that nesting is bounded by
//! serde_json's limit of 128 everywhere. Of a member given twice, the last counts.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

use crate::text::without_nul;

/// A member that should be a text, a number or a boolean, and may be anything.
#[derive(Debug, Default, Clone, PartialEq)]
pub(crate) enum Scalar<'a> {
    /// Not there, or `null`.
    #[default]
    Absent,
    Bool(bool),
    Unsigned(u64),
    Signed(i64),
    Float(f64),
    Text(Cow<'a, str>),
    /// An object: its `message`, if it has one.
    Object(Option<Cow<'a, str>>),
    Array,
}

impl<'a> Scalar<'a> {
    /// A text, or a number as text.
    pub(crate) fn text(&self) -> Option<Cow<'a, str>> {
        Some(match self {
            Scalar::Text(text) => text.clone(),
            Scalar::Unsigned(number) => number.to_string().into(),
            Scalar::Signed(number) => number.to_string().into(),
            Scalar::Float(number) => number.to_string().into(),
            Scalar::Object(message) => message.clone()?,
            Scalar::Bool(_) | Scalar::Array | Scalar::Absent => return None,
        })
    }

    /// A number, or a text that is one.
    pub(crate) fn number(&self) -> Option<f64> {
        let number = match self {
            Scalar::Unsigned(number) => *number as f64,
            Scalar::Signed(number) => *number as f64,
            Scalar::Float(number) => *number,
            Scalar::Text(text) => text.trim().parse().ok()?,
            _ => return None,
        };
        number.is_finite().then_some(number)
    }

    fn truth(&self) -> Option<bool> {
        match self {
            Scalar::Bool(truth) => Some(*truth),
            Scalar::Text(text) if text.eq_ignore_ascii_case("true") => Some(true),
            Scalar::Text(text) if text.eq_ignore_ascii_case("false") => Some(false),
            _ => None,
        }
    }
}

/// What is said of an error, in `data` or beside it.
#[derive(Debug, Default)]
pub(crate) struct Errors<'a> {
    pub(crate) code: Scalar<'a>,
    pub(crate) message: Scalar<'a>,
}

/// The members of `data` that are known.
#[derive(Debug, Default)]
pub(crate) struct Data<'a> {
    is_of_another_type: bool,
    job_id: Scalar<'a>,
    pub(crate) status: Scalar<'a>,
    pub(crate) errors: Errors<'a>,
    pub(crate) url: Scalar<'a>,
    pub(crate) video_url: Scalar<'a>,
    pub(crate) duration: Scalar<'a>,
    pub(crate) video_duration: Scalar<'a>,
    pub(crate) width: Scalar<'a>,
    pub(crate) height: Scalar<'a>,
    pub(crate) thumbnail_image_url: Scalar<'a>,
    pub(crate) thumbnail: Scalar<'a>,
    pub(crate) last_frame_image_url: Scalar<'a>,
    pub(crate) preview_image_url: Scalar<'a>,
    pub(crate) ai_credits_used: Scalar<'a>,
    pub(crate) render_progress: Scalar<'a>,
}

/// A whole body.
#[derive(Debug, Default)]
pub(crate) struct Envelope<'a> {
    ids: [Scalar<'a>; 3],
    success: Scalar<'a>,
    message: Scalar<'a>,
    errors: Errors<'a>,
    pub(crate) data: Data<'a>,
}

impl<'a> Envelope<'a> {
    pub(crate) fn read(body: &'a [u8]) -> serde_json::Result<Envelope<'a>> {
        match std::str::from_utf8(body) {
            // Looked at once, in place of once for each text in it.
            Ok(text) => serde_json::from_str(text),
            Err(_) => serde_json::from_slice(body),
        }
    }

    pub(crate) fn data_is_of_another_type(&self) -> bool {
        self.data.is_of_another_type
    }

    /// The job's id, wherever this kind of reply has it.
    pub(crate) fn id(&self) -> Option<Cow<'a, str>> {
        let ids = self.ids.iter().chain([&self.data.job_id]);
        ids.filter_map(Scalar::text).find(|id| !id.is_empty())
    }

    pub(crate) fn success(&self) -> Option<bool> {
        self.success.truth()
    }

    pub(crate) fn status(&self) -> Option<Cow<'a, str>> {
        self.data.status.text()
    }

    pub(crate) fn error_code(&self) -> Option<Cow<'a, str>> {
        self.data.errors.code.text().or_else(|| self.errors.code.text())
    }

    pub(crate) fn error_message(&self) -> Option<Cow<'a, str>> {
        self.data.errors.message.text().or_else(|| self.errors.message.text())
    }

    /// Why the request was refused, in the words of the server.
    pub(crate) fn reason(&self) -> Option<Cow<'a, str>> {
        let places = [self.message.text(), self.error_message(), self.error_code()];
        places.into_iter().flatten().find(|words| !words.trim().is_empty())
    }
}

/// The name of a member, borrowed where it holds no escape.
struct Name<'a>(Cow<'a, str>);

impl<'de> Deserialize<'de> for Name<'de> {
    fn deserialize<D: Deserializer<'de>>(source: D) -> Result<Self, D::Error> {
        struct NameVisitor;
        impl<'de> Visitor<'de> for NameVisitor {
            type Value = Name<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a name")
            }
            fn visit_borrowed_str<E>(self, name: &'de str) -> Result<Self::Value, E> {
                Ok(Name(Cow::Borrowed(name)))
            }
            fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
                Ok(Name(Cow::Owned(name.to_owned())))
            }
        }
        source.deserialize_str(NameVisitor)
    }
}

impl<'de> Deserialize<'de> for Scalar<'de> {
    fn deserialize<D: Deserializer<'de>>(source: D) -> Result<Self, D::Error> {
        source.deserialize_any(ScalarVisitor)
    }
}

struct ScalarVisitor;

impl<'de> Visitor<'de> for ScalarVisitor {
    type Value = Scalar<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }
    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Scalar::Absent)
    }
    fn visit_bool<E>(self, value: bool) -> Result<Self::Value, E> {
        Ok(Scalar::Bool(value))
    }
    fn visit_u64<E>(self, value: u64) -> Result<Self::Value, E> {
        Ok(Scalar::Unsigned(value))
    }
    fn visit_i64<E>(self, value: i64) -> Result<Self::Value, E> {
        Ok(Scalar::Signed(value))
    }
    fn visit_f64<E>(self, value: f64) -> Result<Self::Value, E> {
        Ok(Scalar::Float(value))
    }
    fn visit_borrowed_str<E>(self, value: &'de str) -> Result<Self::Value, E> {
        Ok(Scalar::Text(Cow::Borrowed(value)))
    }
    // A text with escapes in it, the only one that can hold a NUL: JSON has it no other way.
    fn visit_str<E>(self, value: &str) -> Result<Self::Value, E> {
        Ok(Scalar::Text(Cow::Owned(without_nul(value).into_owned())))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        while items.next_element::<Scalar<'_>>()?.is_some() {}
        Ok(Scalar::Array)
    }
    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        let mut message = None;
        while let Some(Name(name)) = members.next_key()? {
            let value: Scalar<'_> = members.next_value()?;
            if name == "message" {
                message = value.text();
            }
        }
        Ok(Scalar::Object(message))
    }
}

impl<'de> Deserialize<'de> for Data<'de> {
    fn deserialize<D: Deserializer<'de>>(source: D) -> Result<Self, D::Error> {
        source.deserialize_any(DataVisitor)
    }
}

struct DataVisitor;

impl DataVisitor {
    fn another_type<'de, E>() -> Result<Data<'de>, E> {
        Ok(Data { is_of_another_type: true, ..Data::default() })
    }
}

impl<'de> Visitor<'de> for DataVisitor {
    type Value = Data<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }
    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Data::default())
    }
    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Self::another_type()
    }
    fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
        Self::another_type()
    }
    fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
        Self::another_type()
    }
    fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
        Self::another_type()
    }
    fn visit_str<E>(self, _: &str) -> Result<Self::Value, E> {
        Self::another_type()
    }
    fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<Self::Value, A::Error> {
        ScalarVisitor.visit_seq(items)?;
        Self::another_type()
    }
    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        let mut data = Data::default();
        while let Some(Name(name)) = members.next_key()? {
            let value = members.next_value()?;
            match &*name {
                "jobId" => data.job_id = value,
                "status" => data.status = value,
                "error_code" => data.errors.code = value,
                "error_message" => data.errors.message = value,
                "url" => data.url = value,
                "videoURL" => data.video_url = value,
                "duration" => data.duration = value,
                "videoDuration" => data.video_duration = value,
                "width" => data.width = value,
                "height" => data.height = value,
                "thumbnailImageUrl" => data.thumbnail_image_url = value,
                "thumbnail" => data.thumbnail = value,
                "lastFrameImageUrl" => data.last_frame_image_url = value,
                "previewImageUrl" => data.preview_image_url = value,
                "aiCreditsUsed" => data.ai_credits_used = value,
                "renderProgress" => data.render_progress = value,
                _ => {}
            }
        }
        Ok(data)
    }
}

impl<'de> Deserialize<'de> for Envelope<'de> {
    fn deserialize<D: Deserializer<'de>>(source: D) -> Result<Self, D::Error> {
        struct EnvelopeVisitor;
        impl<'de> Visitor<'de> for EnvelopeVisitor {
            type Value = Envelope<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
                let mut envelope = Envelope::default();
                let [job_id, job_id_of_storyboards, id] = &mut envelope.ids;
                while let Some(Name(name)) = members.next_key()? {
                    if name == "data" {
                        envelope.data = members.next_value()?;
                        continue;
                    }
                    let value = members.next_value()?;
                    match &*name {
                        "job_id" => *job_id = value,
                        "jobId" => *job_id_of_storyboards = value,
                        "id" => *id = value,
                        "success" => envelope.success = value,
                        "message" => envelope.message = value,
                        "error_code" | "error" => envelope.errors.code = value,
                        "error_message" => envelope.errors.message = value,
                        _ => {}
                    }
                }
                Ok(envelope)
            }
        }
        source.deserialize_map(EnvelopeVisitor)
    }
}
