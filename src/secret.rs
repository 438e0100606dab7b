//! Secrets, which must not be seen: the API key, the values of extra headers, a proxy's credentials.

use std::fmt;

use bytes::Bytes;
use http::HeaderValue;
use zeroize::Zeroizing;

use crate::text::CUT;

/// A secret text. All its copies share one buffer, which is zeroed when the last of them goes.
#[derive(Clone)]
pub(crate) struct Secret(Bytes);

/// Shorter ones tell nothing, and replacing them would only garble a message.
const SHORTEST_MASKED: usize = 4;

impl Secret {
    pub(crate) fn new(text: String) -> Secret {
        Secret(Bytes::from_owner(Zeroizing::new(text.into_bytes())))
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// As the value of a header, sharing the buffer. `None` if it cannot be one.
    pub(crate) fn header_value(&self) -> Option<HeaderValue> {
        let mut value = HeaderValue::from_maybe_shared(self.0.clone()).ok()?;
        value.set_sensitive(true);
        Some(value)
    }

    /// Puts `[key]` wherever `text` says the secret, or its beginning where a quotation was cut.
    pub(crate) fn mask(&self, text: &mut String) {
        let secret = std::str::from_utf8(&self.0).unwrap_or_default();
        if secret.len() >= SHORTEST_MASKED && text.contains(secret) {
            *text = text.replace(secret, "[key]");
        }
        if text.contains(CUT) {
            let ends = (SHORTEST_MASKED..secret.len()).rev();
            for beginning in ends.filter_map(|end| secret.get(..end)) {
                *text = text.replace(&format!("{beginning}{CUT}"), &format!("[key]{CUT}"));
            }
        }
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_masked_and_not_shown() {
        let secret = Secret::new("pictai_abc".into());
        let mut text = "key pictai_abc, again pictai_abc".to_owned();
        secret.mask(&mut text);
        assert_eq!(text, "key [key], again [key]");
        assert!(!format!("{secret:?}").contains("pictai"));
        assert!(!format!("{:?}", secret.header_value()).contains("pictai"));
    }

    #[test]
    fn the_beginning_of_a_secret_is_masked_where_a_quotation_was_cut() {
        let secret = Secret::new("pictai_abc".into());
        for shown in 4..10 {
            let mut text = crate::text::quote(&("x".repeat(300 - shown) + "pictai_abc"));
            secret.mask(&mut text);
            assert_eq!(text, "x".repeat(300 - shown) + "[key]…");
        }
    }

    #[test]
    fn the_header_shares_the_buffer_that_is_zeroed() {
        let secret = Secret::new("pictai_abc".into());
        let value = secret.header_value().unwrap();
        assert_eq!(value.as_bytes().as_ptr(), secret.0.as_ptr());
    }
}
