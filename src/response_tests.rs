use super::*;

const ID: &str = "4a09edf9-d071-4847-bda5-8dea913d80fe";

fn reply(status: u16, body: &str) -> Result<Job> {
    let reply = Arc::new(Reply::new(status, body.as_bytes().to_vec(), None, None));
    read(&reply, &JobId::parse(ID).unwrap())
}

fn code(status: u16, body: &str) -> Code {
    reply(status, body).map_or_else(|error| error.code, |_| Code::Ok)
}

fn job(body: &str) -> Job {
    reply(200, body).unwrap_or_else(|error| panic!("{body}: {error}"))
}

#[test]
fn a_200_that_is_not_a_json_object_is_an_invalid_response() {
    for body in
        ["", "<html>", "[]", "null", "3", r#""text""#, "{", r#"{"a":1} x"#, "{\u{1}\"a\":1}"]
    {
        assert_eq!(code(200, body), Code::InvalidResponse, "{body}");
    }
}

#[test]
fn a_web_page_alone_is_taken_for_a_login_page() {
    for (body, said) in [
        ("<html>", "a web page"),
        ("\u{FEFF}\n<!DOCTYPE HTML><title>Wi-Fi", "a web page"),
        ("<head>", "a web page"),
        (r#"<?xml version="1.0"?><html xmlns="x">"#, "a web page"),
        (r#"<?xml version="1.0"?><Error>"#, "not a JSON object"),
        ("[]", "not a JSON object (line 1, column 0)"),
        (" \n", "is empty"),
    ] {
        let message = reply(200, body).unwrap_err().message;
        assert!(message.contains(said), "{body}: {message}");
        assert_eq!(message.contains("login page"), said == "a web page", "{body}: {message}");
    }
}

#[test]
fn any_success_is_read_as_200_is() {
    for status in [200, 201, 202, 203, 206, 299] {
        assert_eq!(code(status, r#"{"data": {"status": "completed"}}"#), Code::Ok, "{status}");
        assert_eq!(code(status, ""), Code::InvalidResponse, "{status}");
    }
    assert_eq!(code(204, ""), Code::InvalidResponse);
}

#[test]
fn a_member_that_nobody_reads_is_no_error_whatever_it_holds() {
    let digits = "7".repeat(400);
    let deep = |open: &str, close: &str| format!("{}1{}", open.repeat(9_999), close.repeat(9_999));
    let (arrays, objects) = (deep("[", "]"), deep(r#"{"a":"#, "}"));
    let whats = ["1e400", &digits, "\"\u{1}\"", r#""\ud83d""#, "\"\u{FF}\"", &arrays, &objects];
    for what in whats {
        let body = format!(
            r#"{{"x": {what}, "data": {{"x": {what}, "status": "completed", "url": "https://v"}}}}"#
        );
        // As Latin-1, so that a byte is not UTF-8.
        let body: Vec<u8> = body.chars().map(|c| c as u8).collect();
        let reply = Arc::new(Reply::new(200, body, None, None));
        let job = read(&reply, &JobId::parse(ID).unwrap()).unwrap();
        assert_eq!(job.url().unwrap().as_str(), "https://v");
        assert!(job.field("x").is_some(), "{}", what.len());
    }
}

#[test]
fn a_member_of_a_value_that_makes_no_sense_does_not_cost_the_others() {
    let deep = "[".repeat(500) + &"]".repeat(500);
    for what in ["1e400", "[1, [2]]", r#"{"a": {"b": 1}}"#, &deep] {
        let body = format!(
            r#"{{"data": {{"status": "completed", "width": {what}, "error_message": {what},
                "duration": {what}, "url": "https://v"}}}}"#
        );
        let job = job(&body);
        assert_eq!((job.width(), job.duration_seconds()), (0, None), "{what}");
        assert_eq!(job.url().unwrap().as_str(), "https://v");
    }
    assert_eq!(job(r#"{"data": {"n": 1e400}}"#).field("n").unwrap().as_str(), "1e400");
}

#[test]
fn a_mark_before_a_body_is_passed_over_and_bytes_that_are_no_text_are_replaced() {
    let body = b"\xEF\xBB\xBF{\"data\": {\"status\": \"failed\", \"error_message\": \"a\xE4b\"}}";
    let reply = Arc::new(Reply::new(200, body.to_vec(), None, None));
    let job = read(&reply, &JobId::parse(ID).unwrap()).unwrap();
    assert_eq!(job.error_message().unwrap().as_str(), "a\u{FFFD}b");
    assert_eq!(job.field("error_message").unwrap().as_str(), "a\u{FFFD}b");
    assert_eq!(job.reply.body(), body);
    let refused =
        Arc::new(Reply::new(429, b"\xEF\xBB\xBF{\"message\": \"slow\"}".to_vec(), None, None));
    assert!(read(&refused, &JobId::parse(ID).unwrap()).unwrap_err().message.contains("slow"));
}

#[test]
fn data_of_another_type_is_an_invalid_response() {
    for data in ["[]", "3", "-3", "0.5", r#""text""#, "true"] {
        assert_eq!(code(200, &format!(r#"{{"data": {data}}}"#)), Code::InvalidResponse, "{data}");
    }
}

#[test]
fn another_jobs_id_is_an_invalid_response() {
    let other = "5a09edf9-d071-4847-bda5-8dea913d80fe";
    for (top, data) in [("job_id", ""), ("jobId", ""), ("id", ""), ("x", r#""jobId": "ID","#)] {
        let body = format!(r#"{{"{top}": "ID", "data": {{{data} "status": "completed"}}}}"#);
        assert_eq!(code(200, &body.replace("ID", other)), Code::InvalidResponse, "{body}");
        assert_eq!(code(200, &body.replace("ID", &ID.to_uppercase())), Code::Ok, "{body}");
    }
    assert_eq!(code(200, r#"{"success": false, "id": 7, "data": {}}"#), Code::InvalidResponse);
}

#[test]
fn a_missing_id_is_the_one_asked_for() {
    for body in ["{}", r#"{"job_id": null}"#, r#"{"job_id": ""}"#] {
        assert_eq!(job(body).id().unwrap().as_str(), ID);
    }
}

#[test]
fn a_known_status_counts_whatever_success_says() {
    for success in ["true", "false", "null", r#""no""#] {
        let body = format!(r#"{{"success": {success}, "data": {{"status": "In_Progress"}}}}"#);
        assert_eq!(job(&body).status(), Status::InProgress);
        assert_eq!(job(&body).status_text().unwrap().as_str(), "In_Progress");
    }
    let failed = job(
        r#"{"success": false, "data": {"status": "failed", "error_code": "5000", "error_message": "JOB_NOT_FOUND"}}"#,
    );
    assert_eq!(failed.status(), Status::Failed);
    assert_eq!(failed.error_code().unwrap().as_str(), "5000");
    assert_eq!(failed.error_message().unwrap().as_str(), "JOB_NOT_FOUND");
    assert_eq!(job(r#"{"data": {"status": "cleaned"}}"#).status(), Status::Cleaned);
}

#[test]
fn job_not_found_is_understood_in_data_and_at_the_top() {
    for error in [
        r#""error_code": "5000""#,
        r#""error_code": 5000"#,
        r#""error_message": "JOB_NOT_FOUND""#,
        r#""error_message": {"message": "JOB_NOT_FOUND"}"#,
    ] {
        let in_data = format!(r#"{{"success": false, "data": {{{error}}}}}"#);
        let at_top = format!(r#"{{"success": false, {error}}}"#);
        assert_eq!(code(200, &in_data), Code::JobNotFound, "{in_data}");
        assert_eq!(code(200, &at_top), Code::JobNotFound, "{at_top}");
    }
}

#[test]
fn success_false_without_a_known_status_is_an_api_error_that_quotes_code_and_text() {
    let body = r#"{"success": false, "data": {"status": "odd", "error_code": "5002", "error_message": "No credits."}}"#;
    let error = reply(200, body).unwrap_err();
    assert_eq!(error.code, Code::Api);
    assert!(error.message.contains("No credits.") && error.message.contains("5002"), "{error}");
    assert_eq!(code(200, r#"{"success": false}"#), Code::Api);
    assert_eq!(code(200, r#"{"success": false, "data": null}"#), Code::Api);
    assert_eq!(code(200, r#"{"success": "false", "error": 17}"#), Code::Api);
}

#[test]
fn another_or_no_status_is_unknown_and_spelled_as_the_api_did() {
    let queued = job(r#"{"success": true, "data": {"status": "Queued"}}"#);
    assert_eq!(queued.status(), Status::Unknown);
    assert_eq!(queued.status_text().unwrap().as_str(), "Queued");
    for body in ["{}", r#"{"success": true}"#, r#"{"data": null}"#, r#"{"data": {}}"#] {
        assert_eq!(job(body).status(), Status::Unknown, "{body}");
        assert_eq!(job(body).status_text(), None, "{body}");
    }
}

#[test]
fn the_http_status_comes_first_whatever_the_body_is() {
    let completed = r#"{"data": {"status": "completed"}}"#;
    for (status, expected) in [
        (401, Code::Unauthorized),
        (403, Code::Forbidden),
        (404, Code::JobNotFound),
        (429, Code::RateLimited),
        (500, Code::Server),
        (503, Code::Server),
        (599, Code::Server),
        (301, Code::HttpStatus),
        (400, Code::HttpStatus),
        (408, Code::HttpStatus),
        (600, Code::HttpStatus),
    ] {
        for body in ["", completed, "<html>error 1010</html>"] {
            assert_eq!(code(status, body), expected, "{status} {body}");
        }
        assert_eq!(reply(status, "").unwrap_err().status, status);
    }
}

#[test]
fn the_words_of_a_refusal_go_into_the_message() {
    for body in [
        r#"{"message": " slow down "}"#,
        r#"{"error_message": "slow down"}"#,
        r#"{"error_code": "slow down"}"#,
        r#"{"data": {"error_message": "slow down"}}"#,
        r#"{"message": "", "error_message": "slow down"}"#,
    ] {
        let message = reply(429, body).unwrap_err().message;
        assert!(message.ends_with("it said: slow down"), "{body}: {message}");
    }
    assert!(!reply(403, "<html>1010</html>").unwrap_err().message.contains("it said"));
}

#[test]
fn unknown_members_are_kept_and_null_is_absent() {
    let job = job(r#"{"x": [{}], "data": {"status": "completed", "url": null, "new": {"a": 1}}}"#);
    assert_eq!(job.url(), None);
    assert_eq!(job.field("new").unwrap().as_str(), r#"{"a": 1}"#);
    assert_eq!(job.field("url"), None);
}

#[test]
fn numbers_and_texts_stand_in_for_each_other() {
    let job = job(
        r#"{"data": {"status": "completed", "width": "720", "height": 1280.0, "aiCreditsUsed": "12.8",
            "duration": 8, "error_code": 5001}}"#,
    );
    assert_eq!((job.width(), job.height()), (720, 1280));
    assert_eq!(job.ai_credits_used(), Some(12.8));
    assert_eq!(job.duration().unwrap().as_str(), "8");
    assert_eq!(job.duration_seconds(), Some(8.0));
    assert_eq!(job.error_code().unwrap().as_str(), "5001");
}

#[test]
fn numbers_that_make_no_sense_are_absent() {
    let job = job(
        r#"{"data": {"width": -1, "height": 1e300, "aiCreditsUsed": "many", "duration": "soon",
            "renderProgress": {}}}"#,
    );
    assert_eq!((job.width(), job.height()), (0, 0));
    assert_eq!((job.ai_credits_used(), job.duration_seconds(), job.progress()), (None, None, None));
    assert_eq!(job.duration().unwrap().as_str(), "soon");
}

#[test]
fn a_render_jobs_members_answer_through_the_same_accessors() {
    let job =
        job(r#"{"data": {"status": "completed", "videoURL": "https://v", "thumbnail": "https://t",
            "videoDuration": 65.6, "renderProgress": 100}}"#);
    assert_eq!(job.url().unwrap().as_str(), "https://v");
    assert_eq!(job.thumbnail_image_url().unwrap().as_str(), "https://t");
    assert_eq!(job.duration_seconds(), Some(65.6));
    assert_eq!(job.progress(), Some(100.0));
}

#[test]
fn credits_and_progress_are_never_negative_and_progress_never_over_100() {
    for (number, credits, progress) in
        [("-0.5", None, None), ("0", Some(0.0), Some(0.0)), ("200", Some(200.0), Some(100.0))]
    {
        let body =
            format!(r#"{{"data": {{"aiCreditsUsed": {number}, "renderProgress": {number}}}}}"#);
        let job = job(&body);
        assert_eq!((job.ai_credits_used(), job.progress()), (credits, progress), "{number}");
    }
}

#[test]
fn a_nul_in_a_text_becomes_the_replacement_character() {
    let job = job(r#"{"data": {"status": "completed", "url": "https://a\u0000b"}}"#);
    assert_eq!(job.url().unwrap().as_str(), "https://a\u{FFFD}b");
}

#[test]
fn half_a_character_in_a_text_becomes_the_replacement_character() {
    let body =
        r#"{"\ud83d": 1, "data": {"status": "completed", "url": "a\ud83d", "x": ["\ude00"]}}"#;
    let job = job(body);
    assert_eq!((job.status(), job.url().unwrap().as_str()), (Status::Completed, "a\u{FFFD}"));
    assert_eq!(job.field("url").unwrap().as_str(), "a\u{FFFD}");
    assert_eq!(job.field("x").unwrap().as_str(), r#"["\ufffd"]"#);
    assert_eq!(job.reply.body(), body.as_bytes());
    let refused = reply(500, r#"{"message": "b\ud83d"}"#).unwrap_err();
    assert!(refused.message.contains("b\u{FFFD}"), "{}", refused.message);
}

#[test]
fn of_a_member_given_twice_the_last_counts() {
    let job = job(
        r#"{"data": {"status": "failed", "url": "a"}, "data": {"status": "?", "status": "completed"}}"#,
    );
    assert_eq!((job.status(), job.url()), (Status::Completed, None));
}

#[test]
fn nesting_takes_no_stack() {
    let nested = |open: &str, close: &str| {
        let what = format!("{}1{}", open.repeat(100_000), close.repeat(100_000));
        format!(r#"{{"message": {what}, "data": {{"x": {what}, "url": {what}}}}}"#)
    };
    for (open, close) in [("[", "]"), (r#"{"a":"#, "}")] {
        assert_eq!(code(200, &nested(open, close)), Code::Ok);
        assert_eq!(code(429, &nested(open, close)), Code::RateLimited);
    }
    // The one member of an object that is read at any depth.
    assert_eq!(code(200, &nested(r#"{"message":"#, "}")), Code::InvalidResponse);
}

#[test]
fn a_body_that_the_caller_held_is_read_alike_and_bounded_alike() {
    let (reply, job) =
        parse(format!(r#"{{"job_id": "{ID}", "data": {{"status": "completed"}}}}"#).as_bytes());
    let job = job.unwrap();
    assert_eq!((reply.status(), job.status()), (0, Status::Completed));
    assert_eq!(job.id().unwrap().as_str(), ID);
    assert_eq!(parse(b"{}").1.unwrap().id(), None);
    let large = vec![b' '; LARGEST_BODY + 1];
    assert_eq!(parse(&large).1.unwrap_err().code, Code::InvalidResponse);
}
