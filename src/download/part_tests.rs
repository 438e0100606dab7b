use super::*;

const PATH: &str = "/a/video.mp4";

/// A folder that goes away with the test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Folder {
        let path = std::env::temp_dir().join(format!("pictory-part-{}-{name}", std::process::id()));
        fs::create_dir(&path).unwrap();
        Folder(path)
    }

    fn file(&self) -> PathBuf {
        self.0.join("video.mp4")
    }

    fn names(&self) -> Vec<String> {
        let name = |entry: io::Result<fs::DirEntry>| {
            entry.unwrap().file_name().to_string_lossy().into_owned()
        };
        let mut names: Vec<_> = fs::read_dir(&self.0).unwrap().map(name).collect();
        names.sort();
        names
    }

    /// Leaves a part as an earlier call would.
    fn leave(&self, bytes: &[u8], info: &PartInfo) {
        fs::write(beside(&self.file(), ".part"), bytes).unwrap();
        fs::write(beside(&self.file(), ".part.info"), info.write()).unwrap();
    }

    fn begun(&self) -> Option<u64> {
        let part = Part::open(&self.file()).unwrap();
        part.begun(PATH).map(|(length, _)| length)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn etag() -> Option<Validator> {
    Some(Validator::ETag("\"a\"".into()))
}

fn info() -> PartInfo {
    PartInfo {
        path: PATH.into(),
        validator: etag().unwrap(),
        length: Some(10),
        synced: 0,
        boot: sys::boot_id().unwrap_or_default(),
    }
}

#[test]
fn a_file_is_in_its_place_only_when_it_is_whole() {
    let folder = Folder::new("whole");
    fs::write(folder.file(), "old").unwrap();
    let mut part = Part::open(&folder.file()).unwrap();
    part.begin(PATH, etag(), Some(6)).unwrap();
    part.write(b"abc").unwrap();
    assert_eq!(fs::read(folder.file()).unwrap(), b"old");
    part.write(b"def").unwrap();
    part.finish(6).unwrap();
    assert_eq!(fs::read(folder.file()).unwrap(), b"abcdef");
    assert_eq!(folder.names(), ["video.mp4"]);
}

#[test]
fn a_file_of_another_length_than_it_should_have_is_not_put_into_its_place() {
    let folder = Folder::new("length");
    let mut part = Part::open(&folder.file()).unwrap();
    part.begin(PATH, etag(), Some(6)).unwrap();
    part.write(b"abc").unwrap();
    assert_eq!(part.finish(6).unwrap_err().code, Code::File);
    assert!(!folder.file().exists());
}

#[test]
fn a_part_that_another_program_replaced_is_not_put_into_its_place() {
    let folder = Folder::new("replaced");
    let mut part = Part::open(&folder.file()).unwrap();
    part.begin(PATH, etag(), Some(3)).unwrap();
    part.write(b"abc").unwrap();
    fs::remove_file(&part.path).unwrap();
    fs::write(&part.path, "xyz").unwrap();
    assert_eq!(part.finish(3).unwrap_err().code, Code::File);
    assert!(!folder.file().exists());
}

#[test]
fn what_is_kept_is_found_again() {
    let folder = Folder::new("kept");
    for may_block in [false, true] {
        let mut part = Part::open(&folder.file()).unwrap();
        part.begin(PATH, etag(), Some(10)).unwrap();
        part.write(b"abc").unwrap();
        part.keep(may_block);
        assert_eq!(folder.names(), ["video.mp4.part", "video.mp4.part.info"]);
        let mut part = Part::open(&folder.file()).unwrap();
        let (length, info) = part.begun(PATH).unwrap();
        let synced = if may_block { 3 } else { 0 };
        assert_eq!((length, info.length, info.synced), (3, Some(10), synced));
        assert_eq!(part.begun("/b/video.mp4"), None);
        part.resume(2, 10).unwrap();
        assert_eq!(part.begun(PATH).unwrap().1.synced, synced.min(2));
        part.write(b"C").unwrap();
        part.keep(may_block);
        assert_eq!(fs::read(beside(&folder.file(), ".part")).unwrap(), b"abC");
    }
}

#[test]
fn nothing_is_left_of_what_holds_nothing() {
    let folder = Folder::new("nothing");
    Part::open(&folder.file()).unwrap().keep(true);
    assert!(folder.names().is_empty());
    let mut part = Part::open(&folder.file()).unwrap();
    part.begin(PATH, etag(), Some(10)).unwrap();
    part.keep(true);
    assert!(folder.names().is_empty());
}

#[test]
fn a_part_of_unknown_origin_is_not_reused() {
    let folder = Folder::new("unknown");
    let part = beside(&folder.file(), ".part");
    fs::write(&part, "another's").unwrap();
    assert_eq!(folder.begun(), None);
    for text in ["", "another's", &info().write().replace("end\n", "")] {
        fs::write(beside(&folder.file(), ".part.info"), text).unwrap();
        assert_eq!(folder.begun(), None, "{text}");
    }
    // Nothing came that could take its place.
    Part::open(&folder.file()).unwrap().keep(true);
    assert_eq!(fs::read(&part).unwrap(), b"another's");
    folder.leave(b"abcdefghijk", &info());
    assert_eq!(folder.begun(), None, "longer than it can be");
    folder.leave(b"", &info());
    assert_eq!(folder.begun(), None, "nothing there");
}

#[test]
fn bytes_that_the_disk_may_not_hold_are_not_trusted_after_another_start_of_the_system() {
    let folder = Folder::new("boot");
    folder.leave(b"abcdef", &info());
    assert_eq!(folder.begun(), Some(6));
    let other = PartInfo { boot: "another start".into(), ..info() };
    folder.leave(b"abcdef", &other);
    assert_eq!(folder.begun(), None);
    folder.leave(b"abcdef", &PartInfo { synced: 4, ..other.clone() });
    assert_eq!(folder.begun(), Some(4));
    folder.leave(b"ab", &PartInfo { synced: 4, ..other });
    assert_eq!(folder.begun(), Some(2));
}

#[test]
fn a_part_without_a_validator_is_kept_and_never_reused() {
    let folder = Folder::new("validator");
    let mut part = Part::open(&folder.file()).unwrap();
    part.begin(PATH, None, Some(10)).unwrap();
    part.write(b"abc").unwrap();
    assert_eq!(part.begun(PATH), None);
    part.keep(true);
    assert_eq!(folder.names(), ["video.mp4.part"]);
    assert_eq!(folder.begun(), None);
}

#[test]
fn a_second_download_to_the_same_path_is_refused_at_once() {
    let folder = Folder::new("second");
    let part = Part::open(&folder.file()).unwrap();
    let error = Part::open(&folder.file()).unwrap_err();
    assert_eq!(error.code, Code::File);
    assert!(error.message.contains("under way"), "{error}");
    part.keep(true);
    // The lock of the info alone would do, and so would that of the part.
    let part = Part::open(&folder.file()).unwrap();
    fs::remove_file(&part.info_path).unwrap();
    assert_eq!(Part::open(&folder.file()).unwrap_err().code, Code::File);
    assert_eq!(folder.names(), ["video.mp4.part"]);
}

#[test]
fn a_link_in_place_of_a_part_is_refused() {
    let folder = Folder::new("link");
    let target = folder.0.join("target");
    fs::write(&target, "precious").unwrap();
    for ending in [".part", ".part.info"] {
        let link = beside(&folder.file(), ending);
        std::os::unix::fs::symlink(&target, &link).unwrap();
        assert_eq!(Part::open(&folder.file()).unwrap_err().code, Code::File);
        fs::remove_file(link).unwrap();
    }
    assert_eq!(fs::read(target).unwrap(), b"precious");
    assert_eq!(folder.names(), ["target"]);
}

#[test]
fn a_path_must_name_a_file() {
    for path in ["", "/", "a/", ".", "..", "a/..", "a/."] {
        assert_eq!(check(Path::new(path)).unwrap_err().code, Code::InvalidArgument, "{path}");
    }
    check(Path::new("a")).unwrap();
    check(Path::new("../a.mp4")).unwrap();
    let folder = Folder::new("folder");
    assert_eq!(Part::open(&folder.0).unwrap_err().code, Code::File);
    assert!(folder.names().is_empty());
    let nowhere = Part::open(&folder.0.join("no/such")).unwrap_err();
    assert_eq!(nowhere.code, Code::File);
    assert!(
        nowhere.message.ends_with("no/such' is not there: make it first"),
        "{}",
        nowhere.message
    );
}
