//! The JSON around a job, read in one pass without copying what needs no copy.
//!
//! Members that are not known are skipped without being understood, whatever they hold. Nesting takes
//! no stack there; in what is read, serde_json bounds it. Of a member given twice, the last counts.

use std::borrow::Cow;
use std::fmt;

use serde::de::{
    Deserialize, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor,
};

use crate::text::without_nul;

/// A JSON value of any type, of which only text, numbers and booleans are kept.
#[derive(Debug, Default, Clone, PartialEq)]
pub(crate) enum Scalar<'a> {
    /// A missing member, or `null`.
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

impl Scalar<'_> {
    /// The text; a number as text; the `message` of an object.
    pub(crate) fn text(&self) -> Option<Cow<'_, str>> {
        Some(match self {
            Scalar::Text(text) => Cow::Borrowed(text),
            Scalar::Unsigned(number) => number.to_string().into(),
            Scalar::Signed(number) => number.to_string().into(),
            Scalar::Float(number) => number.to_string().into(),
            Scalar::Object(message) => Cow::Borrowed(message.as_deref()?),
            Scalar::Bool(_) | Scalar::Array | Scalar::Absent => return None,
        })
    }

    /// The number, also where it is spelled as text.
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

    /// The boolean, also where it is spelled as text.
    fn truth(&self) -> Option<bool> {
        match self {
            Scalar::Bool(truth) => Some(*truth),
            Scalar::Text(text) if text.eq_ignore_ascii_case("true") => Some(true),
            Scalar::Text(text) if text.eq_ignore_ascii_case("false") => Some(false),
            _ => None,
        }
    }
}

/// An error's code and message, as they stand in `data` or beside it.
#[derive(Debug, Default)]
pub(crate) struct Errors<'a> {
    pub(crate) code: Scalar<'a>,
    pub(crate) message: Scalar<'a>,
}

/// The members of `data` that this version knows.
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

/// A reply's whole body: the object around `data`.
#[derive(Debug, Default)]
pub(crate) struct Envelope<'a> {
    ids: [Scalar<'a>; 3],
    success: Scalar<'a>,
    message: Scalar<'a>,
    errors: Errors<'a>,
    pub(crate) data: Data<'a>,
}

impl<'a> Envelope<'a> {
    /// Parses a whole body into an envelope that is still empty. By reference, since moving so
    /// large a struct at each step would cost as much as parsing.
    pub(crate) fn fill(&mut self, json: &'a str) -> serde_json::Result<()> {
        let mut source = serde_json::Deserializer::from_str(json);
        source.deserialize_map(&mut *self)?;
        source.end()
    }

    pub(crate) fn data_is_of_another_type(&self) -> bool {
        self.data.is_of_another_type
    }

    /// The job's id, under whichever name this kind of reply has it.
    pub(crate) fn id(&self) -> Option<Cow<'_, str>> {
        let ids = self.ids.iter().chain([&self.data.job_id]);
        ids.filter_map(Scalar::text).find(|id| !id.is_empty())
    }

    pub(crate) fn success(&self) -> Option<bool> {
        self.success.truth()
    }

    pub(crate) fn status(&self) -> Option<Cow<'_, str>> {
        self.data.status.text()
    }

    pub(crate) fn error_code(&self) -> Option<Cow<'_, str>> {
        self.data.errors.code.text().or_else(|| self.errors.code.text())
    }

    pub(crate) fn error_message(&self) -> Option<Cow<'_, str>> {
        self.data.errors.message.text().or_else(|| self.errors.message.text())
    }

    /// Why the request was refused, in the words of the server.
    pub(crate) fn reason(&self) -> Option<Cow<'_, str>> {
        let candidates = [self.message.text(), self.error_message(), self.error_code()];
        candidates.into_iter().flatten().find(|words| !words.trim().is_empty())
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
    // A text with escapes in it, the only kind that can hold a NUL.
    fn visit_str<E>(self, value: &str) -> Result<Self::Value, E> {
        Ok(Scalar::Text(Cow::Owned(without_nul(value).into_owned())))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Scalar::Array)
    }
    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        let mut message = None;
        while let Some(Name(name)) = members.next_key()? {
            if name == "message" {
                let value: Scalar<'_> = members.next_value()?;
                message = value.text().map(|text| Cow::Owned(text.into_owned()));
            } else {
                members.next_value::<IgnoredAny>()?;
            }
        }
        Ok(Scalar::Object(message))
    }
}

/// Fills the members of `data`, which may be of any JSON type.
impl<'de> DeserializeSeed<'de> for &mut Data<'de> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, source: D) -> Result<(), D::Error> {
        source.deserialize_any(self)
    }
}

impl Data<'_> {
    fn another_type<E>(&mut self) -> Result<(), E> {
        self.is_of_another_type = true;
        Ok(())
    }
}

impl<'de> Visitor<'de> for &mut Data<'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }
    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        self.another_type()
    }
    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        self.another_type()
    }
    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        self.another_type()
    }
    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        self.another_type()
    }
    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        self.another_type()
    }
    fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<(), A::Error> {
        ScalarVisitor.visit_seq(items)?;
        self.another_type()
    }
    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        while let Some(Name(name)) = members.next_key()? {
            let member = match &*name {
                "jobId" => &mut self.job_id,
                "status" => &mut self.status,
                "error_code" => &mut self.errors.code,
                "error_message" => &mut self.errors.message,
                "url" => &mut self.url,
                "videoURL" => &mut self.video_url,
                "duration" => &mut self.duration,
                "videoDuration" => &mut self.video_duration,
                "width" => &mut self.width,
                "height" => &mut self.height,
                "thumbnailImageUrl" => &mut self.thumbnail_image_url,
                "thumbnail" => &mut self.thumbnail,
                "lastFrameImageUrl" => &mut self.last_frame_image_url,
                "previewImageUrl" => &mut self.preview_image_url,
                "aiCreditsUsed" => &mut self.ai_credits_used,
                "renderProgress" => &mut self.render_progress,
                _ => {
                    members.next_value::<IgnoredAny>()?;
                    continue;
                }
            };
            *member = members.next_value()?;
        }
        Ok(())
    }
}

impl<'de> Visitor<'de> for &mut Envelope<'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }
    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        let [job_id, job_id_of_storyboards, id] = &mut self.ids;
        let mut has_data = false;
        while let Some(Name(name)) = members.next_key()? {
            let member = match &*name {
                "data" => {
                    if std::mem::replace(&mut has_data, true) {
                        self.data = Data::default();
                    }
                    members.next_value_seed(&mut self.data)?;
                    continue;
                }
                "job_id" => &mut *job_id,
                "jobId" => &mut *job_id_of_storyboards,
                "id" => &mut *id,
                "success" => &mut self.success,
                "message" => &mut self.message,
                "error_code" | "error" => &mut self.errors.code,
                "error_message" => &mut self.errors.message,
                _ => {
                    members.next_value::<IgnoredAny>()?;
                    continue;
                }
            };
            *member = members.next_value()?;
        }
        Ok(())
    }
}
