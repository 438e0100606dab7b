//! The replies of which the library makes something else than ureq does, and why.

use super::Verdict;

/// How the two differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Differs {
    /// The library refuses what ureq reads.
    LibraryRefuses,
    /// The library reads what ureq refuses.
    UreqRefuses,
    /// Both read a body, and not the same.
    InBody,
    /// The statuses are alike; the library may have another part of the body, or none.
    InEnd,
    /// Either may refuse, or neither: nothing depends on it.
    AsItLikes,
}

impl Differs {
    pub(super) fn describes(self, library: &Verdict, ureq: &Verdict) -> bool {
        use Verdict::{Read, Refused, Status};
        match (self, library, ureq) {
            (Differs::LibraryRefuses, Refused, Read(..))
            | (Differs::UreqRefuses, Read(..), Refused) => true,
            (Differs::InBody, Read(one, this), Read(other, that)) => one == other && this != that,
            (Differs::InEnd, Read(one, _), Read(other, _) | Status(other)) => one == other,
            (Differs::AsItLikes, Read(one, this), Read(other, that)) => {
                (one, this) == (other, that)
            }
            (Differs::AsItLikes, ..) => true,
            _ => false,
        }
    }
}

pub(super) struct Exception {
    pub(super) differs: Differs,
    /// The replies' names. A star stands for any text, at the end or in the middle.
    pub(super) replies: &'static [&'static str],
    pub(super) why: &'static str,
}

impl Exception {
    pub(super) fn is_of(&self, name: &str) -> bool {
        self.replies.iter().any(|pattern| matches(pattern, name))
    }
}

pub(super) fn matches(pattern: &str, name: &str) -> bool {
    match pattern.split_once('*') {
        Some((start, end)) => name.strip_prefix(start).is_some_and(|rest| rest.contains(end)),
        None => pattern == name,
    }
}

pub(super) const EXCEPTIONS: &[Exception] = &[
    Exception {
        differs: Differs::LibraryRefuses,
        replies: &[
            "transfer coding: HTTP/1.1 200 OK\\r\\nTransfer-Encoding: gzip\\r\\n*",
            "transfer coding: HTTP/1.1 200 OK\\r\\nTransfer-Encoding: deflate\\r\\n*",
            "transfer coding: HTTP/1.1 200 OK\\r\\nTransfer-Encoding: gzip, chunked\\r\\n\\r\\n*",
            "transfer coding: HTTP/1.1 200 OK\\r\\nTransfer-Encoding: chunked, gzip\\r\\n\\r\\n*",
            "transfer coding: HTTP/1.1 200 OK\\r\\nTransfer-Encoding: chunked, chunked\\r\\n\\r\\n*",
            "transfer coding: HTTP/1.1 200 OK\\r\\nTransfer-Encoding: chunked;*",
            "transfer coding: HTTP/1.1 200 OK\\r\\nTransfer-Encoding: \\\"chunked*",
            "transfer coding: HTTP/1.1 200 OK\\r\\nTransfer-Encoding: xchunked*",
            "transfer coding: HTTP/1.1 200 OK\\r\\nTransfer-Encoding: chunked x*",
            "transfer coding: HTTP/1.1 200 OK\\r\\nTransfer-Encoding: chunkedx*",
            "transfer coding: HTTP/1.1 200 OK\\r\\nTransfer-Encoding: chunk\\r*",
            "transfer coding: HTTP/1.1 200 OK\\r\\nTransfer-Encoding: chunked\\r\\nTransfer-Encoding: chunked*",
            "transfer coding: HTTP/1.0 200 OK\\r\\nTransfer-Encoding: gzip*",
        ],
        why: "a transfer coding other than one `chunked` was not asked for, so that bytes are left in \
              the body that are not the resource's",
    },
    Exception {
        differs: Differs::LibraryRefuses,
        replies: &[
            "content coding: gzip",
            "content coding: br",
            "content coding: identity, gzip",
            "content coding: x-gzip",
        ],
        why: "a content coding was not asked for, and nothing here undoes it",
    },
    Exception {
        differs: Differs::LibraryRefuses,
        replies: &[
            "chunk size: 0000000000000001f",
            "chunk size:  1f",
            "chunk size: \\t1f",
            "chunk size: +1f",
            "chunk size: 1f\\u{b}",
            "chunk size: \\u{c}1f",
        ],
        why: "no chunk size by RFC 9112, 7.1, or of more than 16 digits: something in between may read \
              another size",
    },
    Exception {
        differs: Differs::LibraryRefuses,
        replies: &[
            "chunk size: no end",
            "cut chunks: 16 bytes into its body",
            "cut chunks: 22 bytes into its body",
        ],
        why: "chunks end with an empty line: without it the reply broke off",
    },
    Exception {
        differs: Differs::LibraryRefuses,
        replies: &[
            "trailer: X\\r\\n",
            "trailer: : y\\r\\n",
            "trailer: X : y\\r\\n",
            "trailer: X: \\0\\r\\n",
            "trailer: HTTP/1.1 200 OK\\r\\n",
        ],
        why: "what is no header line shows that the framing is not what it seems",
    },
    Exception {
        differs: Differs::LibraryRefuses,
        replies: &["interim: 17 times*", "interim: 30 times*"],
        why: "nobody holds a call with interim replies: 16 are enough",
    },
    Exception {
        differs: Differs::UreqRefuses,
        replies: &[
            "interim: 100 Continue\\r\\nX: y\\r\\n",
            "interim: 100 Continue\\r\\nContent-Length: 31\\r\\n",
        ],
        why: "a 100 may have headers, and proxies give it some",
    },
    Exception {
        differs: Differs::UreqRefuses,
        replies: &["size: 128 lines", "size: 200 lines", "size: 254 lines", "size: 255 lines"],
        why: "a head may have 256 lines: content delivery networks add many",
    },
    Exception {
        differs: Differs::UreqRefuses,
        replies: &[
            "extension: 100 bytes",
            "extension: 1000 bytes",
            "extension: 10000 bytes",
            "extension: 60000 bytes",
        ],
        why: "chunk extensions are ignored, whatever their length, within what a reply may have \
              beside its body",
    },
    Exception {
        differs: Differs::UreqRefuses,
        replies: &[
            "fold: X: y\\r\\n z",
            "fold: X: y\\n z",
            "fold: X: y\\r\\n  \\t z",
            "fold: X: y\\r\\n a\\r\\n b\\r\\n c",
            "fold: X: y\\r\\n z: a",
            "fold: X: y\\r\\n Content-Length: 5",
            "fold: X: y\\r\\n ",
            "fold: X: y\\r\\n\\tz",
            "fold: X:\\r\\n y",
            "fold: HTTP/1.1 200 OK\\r\\nContent-Length:\\r\\n 31*",
            "fold: HTTP/1.1 200 OK\\r\\nContent-Length: 31\\r\\n \\r\\n*",
            "fold: HTTP/1.1 200 OK\\r\\nTransfer-Encoding:\\r\\n chunked*",
        ],
        why: "folded lines are to be unfolded by a client (RFC 9112, 5.2)",
    },
    Exception {
        differs: Differs::InBody,
        replies: &["transfer coding: HTTP/1.0 200 OK\\r\\nTransfer-Encoding: chunked*"],
        why: "servers that call themselves HTTP/1.0 send chunks too, and chunks are no body",
    },
    Exception {
        differs: Differs::InEnd,
        replies: &[
            "cut refusal: *into its body",
            "transfer coding: HTTP/1.1 404*",
            "content coding: *of a 404",
        ],
        why: "the status of a refusal counts, whatever becomes of its body",
    },
    Exception {
        differs: Differs::AsItLikes,
        replies: &[
            "length: HTTP/1.1 200 OK\\r\\nContent-Length: 31,31*",
            "length: HTTP/1.1 200 OK\\r\\nContent-Length: 31, 31*",
            "fold: HTTP/1.1 200 OK\\r\\nContent-Length: 31\\r\\n ,31*",
        ],
        why: "one length, said twice in one line, may be taken or refused (RFC 9110, 8.6)",
    },
    Exception {
        differs: Differs::AsItLikes,
        replies: &[
            "chunk size: bare LF behind the last",
            "chunk size: bare LF at the end",
            "extension: ;x=\\\"a\\nb\\\"",
            "extension: last ;x=\\\"a\\nb\\\"",
        ],
        why: "a bare LF around chunks may be taken for a line break, ignored, or refused",
    },
    Exception {
        differs: Differs::AsItLikes,
        replies: &["chunk size: 1f\\u{c}"],
        why: "a form feed is no blank, but changes no size",
    },
    Exception {
        differs: Differs::AsItLikes,
        replies: &["trailer: X: y\\r\\n z\\r\\n", "trailer:  X: y\\r\\n"],
        why: "folds are obsolete in a trailer, and nobody reads it",
    },
];
