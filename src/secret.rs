//! Secrets, which must not be seen: the API key, the values of extra headers, a proxy's credentials.

use std::fmt;

use bytes::Bytes;
use http::HeaderValue;
use zeroize::Zeroizing;

/// A secret text. All its copies share one buffer, which is zeroed when the last of them goes.
#[derive(Clone)]
pub(crate) struct Secret(Bytes);

impl Secret {
    pub(crate) fn new(text: String) -> Secret {
        Secret(Bytes::from_owner(Zeroizing::new(text.into_bytes())))
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }

    pub(crate) fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// As the value of a header, sharing the buffer. `None` if it cannot be one.
    pub(crate) fn header_value(&self) -> Option<HeaderValue> {
        let mut value = HeaderValue::from_maybe_shared(self.0.clone()).ok()?;
        value.set_sensitive(true);
        Some(value)
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
    fn a_secret_is_not_shown() {
        let secret = Secret::new("pictai_abc".into());
        assert!(!format!("{secret:?}").contains("pictai"));
        assert!(!format!("{:?}", secret.header_value()).contains("pictai"));
    }

    #[test]
    fn the_header_shares_the_buffer_that_is_zeroed() {
        let secret = Secret::new("pictai_abc".into());
        let value = secret.header_value().unwrap();
        assert_eq!(value.as_bytes().as_ptr(), secret.0.as_ptr());
    }
}
