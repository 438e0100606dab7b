//! "Downloads" of the behaviour: the file is there to the byte, or it is not there.

use pictory::download::Output;
use pictory::error::Code;
use serde_json::json;

use crate::downloads::*;
use crate::emulator::media_bytes;
use crate::support::*;

#[test]
fn a_download_puts_the_whole_file_into_its_place_and_leaves_nothing_else() {
    for size in [1, 5000, 1_000_000] {
        let shop = Shop::new(json!({ "size": size }));
        let outcome = shop.download();
        assert_code(&outcome, Code::Ok);
        shop.assert_whole(size);
        assert_eq!(shop.names(), ["video.mp4"]);
        assert_eq!((outcome.bytes_written(), outcome.polls()), (size, 1));
        assert_eq!(outcome.reply().unwrap().status(), 200);
        assert_eq!(outcome.job_id().unwrap().as_str(), ID);
        assert!(outcome.job().is_some() && !outcome.is_retryable());
    }
}

#[test]
fn each_output_is_downloaded_from_its_own_url() {
    let files = json!({
        "v.mp4": { "size": 10 }, "t.jpg": { "size": 20 }, "l.png": { "size": 30 },
        "p.jpg": { "size": 40 },
    });
    let shop = Shop::of(json!({ "media": files }));
    let data = json!({
        "url": shop.url("v.mp4"), "thumbnailImageUrl": shop.url("t.jpg"),
        "lastFrameImageUrl": shop.url("l.png"), "previewImageUrl": shop.url("p.jpg"),
    });
    let client = client(&shop.emulator);
    for (output, (name, size)) in
        Output::ALL.iter().zip([("v.mp4", 10), ("t.jpg", 20), ("l.png", 30), ("p.jpg", 40)])
    {
        let outcome = shop.download_by(&client, &job(&data), *output, quick(), None, None);
        assert_code(&outcome, Code::Ok);
        assert_eq!(shop.read(), media_bytes(name, size));
    }
}
