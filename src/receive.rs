//! Replies out of the connection: the body as far as it counts, the request id, `Retry-After`.

use std::time::{Duration, SystemTime};

use crate::cancel::Heartbeat;
use crate::error::{Error, Result};
use crate::explanation::Peer;
use crate::http::{Error as Failure, Incoming};
use crate::reply::Reply;
use crate::response::{LARGEST_BODY, coded, is_success, too_large};
use crate::retry_after;

/// The time that the body of a refusal may take: its status tells what it is.
const REFUSAL_GRACE: Duration = Duration::from_secs(2);

/// The time that the body of a redirect may take: so that its connection can be used again, where the
/// body came with the head.
const REDIRECT_GRACE: Duration = Duration::from_millis(100);

/// Receives a whole reply of the API. A body over the limit is an error, and so is one that breaks
/// off, but for a refusal: its status counts, and it has as much of its body as came.
pub(crate) async fn whole(incoming: &mut Incoming<'_>) -> Result<Reply> {
    let is_refusal = !is_success(incoming.status());
    // Its end cannot be known.
    if incoming.is_coded() && incoming.is_close_delimited() && !is_refusal {
        return Err(coded());
    }
    if is_refusal {
        incoming.hurry(REFUSAL_GRACE);
    }
    let announced = usize::try_from(incoming.announced().unwrap_or(0)).unwrap_or(usize::MAX);
    if announced > LARGEST_BODY && !is_refusal {
        return Err(too_large());
    }
    // The rest is for what a reply keeps behind its body: of its final size, it never moves.
    let behind = request_id(incoming).map_or(1, |id| id.len() + 2);
    let mut body = Vec::new();
    let room = body.try_reserve_exact(announced.min(LARGEST_BODY) + behind);
    room.map_err(|cause| Error::system("hold the reply", &cause))?;
    match incoming.collect(&mut body, LARGEST_BODY + 1).await {
        Err(failure) if !is_refusal || failure == Failure::Cancelled => {
            return Err(Peer::Api.explain(failure));
        }
        _ if body.len() > LARGEST_BODY && !is_refusal => return Err(too_large()),
        _ => body.truncate(LARGEST_BODY),
    }
    Ok(reply(incoming, body))
}

/// The reply without its body, which is still to be read.
pub(crate) fn head(incoming: &Incoming<'_>) -> Reply {
    reply(incoming, Vec::new())
}

/// Waits for the rest of a reply that is a failure anyway: as much of its body as comes, up to
/// `limit`, in a moment.
pub(crate) fn refusal(
    mut incoming: Incoming<'_>,
    heartbeat: Option<&dyn Heartbeat>,
    limit: usize,
) -> Reply {
    let is_redirect = (300..400).contains(&incoming.status());
    incoming.hurry(if is_redirect { REDIRECT_GRACE } else { REFUSAL_GRACE });
    let mut body = Vec::new();
    let _ = incoming.read_to_end(heartbeat, &mut body, limit);
    reply(&incoming, body)
}

fn request_id<'a>(incoming: &'a Incoming<'_>) -> Option<&'a str> {
    let names = ["x-amzn-requestid", "x-request-id", "cf-ray"];
    names.into_iter().find_map(|name| incoming.header(name))
}

fn reply(incoming: &Incoming<'_>, body: Vec<u8>) -> Reply {
    let retry_after = incoming
        .header("retry-after")
        .and_then(|value| retry_after::read(value, incoming.header("date"), SystemTime::now()));
    Reply::new(incoming.status(), body, request_id(incoming), retry_after)
}
