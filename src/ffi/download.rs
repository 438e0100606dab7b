//! Downloads.

use std::ffi::c_char;
use std::path::Path;
use std::sync::Arc;

use super::boundary::{self, borrow, optional, optional_bytes};
use super::client::pictory_client;
use super::download_options::pictory_download_options;
use super::job::pictory_job;
use super::result::pictory_result;
use super::types::output_value;
use crate::download::{Output, download};
use crate::error::{Error, Result};
use crate::outcome::Outcome;
use crate::sys;

/// Downloads an output of a job to a file: `path` is at any time either the old file, if there was one,
/// or the whole new one. What has come so far grows in `path`.part in the same folder; what is known of
/// it stands in `path`.part.info. Both are kept when the download fails: another call with the same
/// path goes on there, if the file has not changed at its host, and so does a call after this program
/// was killed, once no child that it has forked meanwhile is left. They are gone once the download has
/// worked.
///
/// A failure that passes is followed by another try, up to pictory_download_options_set_max_retries(),
/// counted anew once a try has brought 64 KiB, unless ten times the most that was there was written:
/// its host cannot go on where it broke off. So is a reply that is no output: a web page, an empty
/// file, one in a coding that was not asked for. Up to 5 redirects are followed. Where the host answers
/// 403, 404 or 410, the URL may have expired: the job is got again for another one, from which the
/// download goes on; with the same one, 403 and 404 are tried again after a pause, since hosts serve an
/// output some seconds after the job has completed. Only https is used, or plain http from this machine
/// to itself. The API key and extra headers are not sent to the host of the output, and its URL is
/// shown without its query.
///
/// @param client the client, by whose proxy, certificates, User-Agent and connect timeout the
/// output is fetched. Its request timeout and rate limit hold for getting the job alone.
/// @param job the job, from a result of any call; its result may be freed while this runs.
/// @param output which output.
/// @param path where it is to be: bytes as the system takes them; UTF-8 on Windows. A link there
/// is replaced, not followed, and the new file has the permissions of any new file. The names of
/// the other two files must not be too long either, and are not for files of your own.
/// @param options how to download, copied; NULL: the defaults.
/// @return a result, which must be freed with pictory_result_free(). Never NULL. It carries the
/// last state of the job that was seen. Its code is PICTORY_OK if the file is in its place;
/// PICTORY_ERROR_INVALID_ARGUMENT; PICTORY_ERROR_OUTPUT_MISSING; PICTORY_ERROR_OUTPUT_EXPIRED;
/// PICTORY_ERROR_FILE if the file cannot be written, is a folder, or another download to the same
/// path is under way; PICTORY_ERROR_INVALID_URL, PICTORY_ERROR_INSECURE_URL, of the output or of
/// what it redirects to; PICTORY_ERROR_TIMEOUT, of a try or of the whole; PICTORY_ERROR_CANCELLED,
/// PICTORY_ERROR_CERTIFICATES, PICTORY_ERROR_SYSTEM, PICTORY_ERROR_INTERNAL; one from 100 to 105;
/// PICTORY_ERROR_RATE_LIMITED, PICTORY_ERROR_SERVER, PICTORY_ERROR_INVALID_RESPONSE or
/// PICTORY_ERROR_HTTP_STATUS (one redirect more than 5 as well) for what the host answers.
///
/// Thread-safe. Blocks. The callback runs on this thread.
#[unsafe(no_mangle)]
pub extern "C" fn pictory_download(
    client: *const pictory_client,
    job: *const pictory_job,
    output: output_value,
    path: *const c_char,
    options: *const pictory_download_options,
) -> *mut pictory_result {
    boundary::result(|| {
        let begin = || -> Result<Outcome> {
            let client = Arc::clone(borrow(client, "client")?);
            let job = borrow(job, "job")?;
            let (output, path) = (self::output(output)?, self::path(path)?);
            let options =
                optional(options).map(|options| options.values.clone()).unwrap_or_default();
            let on_progress = options.on_progress;
            let mut tell = |done, total| on_progress.is_none_or(|call| call.call(done, total));
            let token = options.token.as_ref();
            Ok(download(&client, job, output, path, options.limits, token, Some(&mut tell)))
        };
        begin().unwrap_or_else(|error| {
            let id = optional(job).and_then(|job| job.id());
            boundary::refused(client, error, id.map(|id| id.as_str()))
        })
    })
}

/// An output coming in.
pub(super) fn output(number: output_value) -> Result<Output> {
    let unknown = || Error::argument(format!("there is no output with the number {number}"));
    Output::from_number(number).ok_or_else(unknown)
}

/// A path coming in.
pub(super) fn path<'a>(path: *const c_char) -> Result<&'a Path> {
    let path = optional_bytes(path).ok_or_else(|| Error::argument("path is NULL"))?;
    sys::path(path).ok_or_else(|| Error::argument("path is not UTF-8"))
}
