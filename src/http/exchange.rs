//! One request and its reply on one connection: HTTP/1.1.

use super::body::{Body, Input};
use super::call::{Call, lost};
use super::head::{Head, LONGEST};
use super::wire::Wire;
use crate::error::Result;
use crate::response::not_the_api;

/// What nearly every reply of the API fits into, with its head.
const USUAL: usize = 3 * 1024;

/// A reply whose head has come.
#[derive(Debug)]
pub(super) struct Exchange {
    wire: Wire,
    input: Input,
    body: Body,
    keeps_alive: bool,
}

/// Sends a request, and receives the head of the reply.
pub(super) async fn begin(mut wire: Wire, request: &[u8], call: &Call) -> Result<(Head, Exchange)> {
    wire.send(call, request).await?;
    let mut input = Input::new(wire.take_buffer());
    let head = receive_head(&mut wire, &mut input, call).await?;
    let (body, keeps_alive) = (Body::new(head.framing), head.keeps_alive);
    Ok((head, Exchange { wire, input, body, keeps_alive }))
}

async fn receive_head(wire: &mut Wire, input: &mut Input, call: &Call) -> Result<Head> {
    loop {
        match Head::read(input.filled())? {
            Some((head, length)) => {
                input.consume(length);
                // A reply in between, such as 103. After 101 it would not be HTTP any more.
                if !matches!(head.status, 100 | 102..=199) {
                    return Ok(head);
                }
                continue;
            }
            None if input.filled().len() >= LONGEST => {
                let message = format_args!("the reply's head is over {LONGEST} bytes");
                return Err(not_the_api(message));
            }
            None => {}
        }
        let room = if input.filled().len() < USUAL { USUAL } else { LONGEST };
        if !input.fill(wire, call, room).await? {
            return Err(lost(&"the server closed it"));
        }
    }
}

impl Exchange {
    /// The next bytes of the body; 0 is its end. What ends before it is whole is an error.
    pub(super) async fn read(&mut self, call: &Call, buffer: &mut [u8]) -> Result<usize> {
        self.body.read(&mut self.input, &mut self.wire, call, buffer).await
    }

    /// Whether the body has been read to its end.
    pub(super) fn is_over(&self) -> bool {
        self.body == Body::Over
    }

    /// The connection, if it can be used again.
    pub(super) fn into_wire(self) -> Option<Wire> {
        let Exchange { mut wire, input, body, keeps_alive } = self;
        let buffer = input.into_empty().filter(|_| keeps_alive && body == Body::Over)?;
        if buffer.len() <= USUAL {
            wire.give_buffer(buffer);
        }
        Some(wire)
    }
}
