//! Files go up within limits and under a harmless name, and come down whole, in parts, or not at all when they are known.

use crate::{
    toy::{LABORATORY, created},
    work_item::{handed_out, id},
};
use serde_json::{Value, json};
use tests::{Answer, Person, city, laboratory};

const LIMIT: usize = 50 * 1024 * 1024;

/// Bytes that don't repeat soon, so that a wrong offset shows.
fn bytes(count: usize) -> Vec<u8> {
    (0..count).map(|n| u8::try_from((n * 31 + n / 251) % 256).unwrap_or_default()).collect()
}

fn officer() -> Person<'static> {
    city().person("df-market.liaison_officer")
}

/// Uploads to a new matter; gives the address of the file and what the server says of it.
#[track_caller]
fn uploaded(content: &str, name: &str, bytes: Vec<u8>) -> (String, Value) {
    let matter = handed_out(content);
    let answer = officer().upload(&format!("/matters/{matter}/attachments"), name, bytes);
    assert_eq!(answer.status, 201, "{name:?}: {answer}");
    let file = answer.ok();
    (format!("/matters/{matter}/attachments/{}", file["id"].as_str().unwrap_or_default()), file)
}

#[track_caller]
fn part(answer: &Answer, range: &str, expected: &[u8]) {
    assert_eq!(answer.status, 206, "{answer}");
    assert_eq!(answer.header("content-range"), range);
    assert_eq!(answer.header("content-length"), expected.len().to_string());
    assert!(answer.bytes == expected, "other bytes than asked for");
}

#[test]
fn a_broken_download_goes_on_where_it_stopped() {
    let whole = bytes(300_000);
    let (path, file) = uploaded("下载中断后可以续传的任务材料", "监测数据.bin", whole.clone());
    let tag = format!("\"{}\"", file["digest"].as_str().unwrap_or_default());
    let all = officer().get(&path);
    assert!(all.status == 200 && all.bytes == whole, "{}", all.status);
    assert_eq!(all.header("content-length"), "300000");
    assert_eq!((all.header("etag"), all.header("accept-ranges")), (tag.as_str(), "bytes"));
    let range = |value: &str| officer().get_with(&path, &[("range", value)]);
    part(&range("bytes=0-9"), "bytes 0-9/300000", &whole[..10]);
    part(&range("bytes=-10"), "bytes 299990-299999/300000", &whole[299_990..]);
    part(&range("bytes=123456-999999"), "bytes 123456-299999/300000", &whole[123_456..]);
    part(&officer().get_with(&path, &[("range", "bytes=200000-"), ("if-range", &tag)]), "bytes 200000-299999/300000", &whole[200_000..]);
    // The rest of another file would be spliced on: it comes whole.
    let other = officer().get_with(&path, &[("range", "bytes=200000-"), ("if-range", "\"another\"")]);
    assert!(other.status == 200 && other.bytes == whole);
    // Compressed bytes have other places.
    part(&officer().get_with(&path, &[("range", "bytes=0-9"), ("accept-encoding", "gzip, br")]), "bytes 0-9/300000", &whole[..10]);
    for several in ["bytes=0-1,5-6", "bytes=9-2", "chapters=1-2"] {
        assert_eq!(range(several).status, 200, "{several} is answered whole");
    }
}

#[test]
fn a_range_beyond_the_end_is_a_problem_with_the_length() {
    let (path, _) = uploaded("请求范围超出文件长度的任务材料", "一百字节.bin", bytes(100));
    for value in ["bytes=100-", "bytes=500-600", "bytes=-0"] {
        let answer = officer().get_with(&path, &[("range", value)]);
        answer.problem(416, "request.range_unsatisfiable");
        assert_eq!(answer.header("content-range"), "bytes */100", "{value}");
    }
}

#[test]
fn what_the_client_has_is_not_sent_again_and_still_asked_for() {
    let (path, file) = uploaded("客户端已有的文件不再重复传输的任务", "通知.pdf", b"%PDF-1.7 twelve".to_vec());
    let tag = format!("\"{}\"", file["digest"].as_str().unwrap_or_default());
    for known in [tag.as_str(), "*", &format!("W/{tag}"), &format!("\"other\", {tag}")] {
        let answer = officer().get_with(&path, &[("if-none-match", known), ("range", "bytes=0-3")]);
        assert!(answer.status == 304 && answer.bytes.is_empty(), "{known}: {answer}");
        assert_eq!(answer.header("etag"), tag);
    }
    assert_eq!(officer().get_with(&path, &[("if-none-match", "\"other\"")]).status, 200);
    // Having had it once doesn't tell anybody else that it is there.
    city().person("df-water.handler").get_with(&path, &[("if-none-match", &tag)]).problem(404, "not_found");
}

#[test]
fn fifty_megabytes_are_taken_and_not_a_byte_more() {
    let matter = handed_out("上传材料大小有上限的任务");
    let path = format!("/matters/{matter}/attachments");
    officer().upload(&path, "过大.bin", bytes(LIMIT + 1)).problem(413, "request.too_large");
    officer().upload(&path, "更大.bin", bytes(LIMIT + 1024 * 1024)).problem(413, "request.too_large");
    assert!(officer().all(&path).is_empty(), "nothing of a refused file stays");
    let answer = officer().upload(&path, "正好.bin", bytes(LIMIT));
    assert_eq!(answer.status, 201, "{answer}");
    assert_eq!(answer.ok()["size"], LIMIT);
    officer().upload(&path, "空.bin", Vec::new()).fault("/file", "validation.required");
    let beside = city().data_dir.join("attachments/incoming");
    let left: Vec<_> = std::fs::read_dir(&beside).map(|entries| entries.flatten().map(|entry| entry.file_name()).collect()).unwrap_or_default();
    // Other tests upload meanwhile, but nothing of this size.
    let large = left.iter().filter(|name| beside.join(name).metadata().is_ok_and(|file| file.len() > 1024 * 1024)).count();
    assert_eq!(large, 0, "half files are left behind: {left:?}");
}

#[test]
fn a_page_in_disguise_is_only_a_download() {
    let (path, file) = uploaded("伪装成图片的网页不得被浏览器执行", "照片.png", b"<!doctype html><script>alert(1)</script>".to_vec());
    assert_eq!(file["media_type"], "application/octet-stream");
    let answer = officer().get(&path);
    assert_eq!(answer.header("content-type"), "application/octet-stream");
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
    assert!(answer.header("content-disposition").starts_with("attachment;"), "{}", answer.header("content-disposition"));
    let (path, _) = uploaded("真正的图片可以直接查看的任务", "照片.txt", b"\x89PNG\r\n\x1a\n....".to_vec());
    assert_eq!(officer().get(&path).header("content-type"), "image/png");
}

#[test]
fn a_name_can_do_no_harm() {
    let long = format!("{}.pdf", "长".repeat(300));
    for name in ["../../x", "..\\..\\x.pdf", "/etc/passwd", "a\u{202e}gpj.exe", "...", "con:|<>?*.txt", &long] {
        let (path, file) = uploaded("文件名中的花招不起作用的任务", name, b"text".to_vec());
        let kept = file["name"].as_str().unwrap_or_default();
        assert!(!kept.is_empty() && kept.len() <= 255 && !kept.starts_with('.'), "{name:?} became {kept:?}");
        let harmful = |c: char| c.is_control() || "/\\:*?\"<>|".contains(c) || matches!(c, '\u{202a}'..='\u{202e}');
        assert!(!kept.contains(harmful), "{name:?} became {kept:?}");
        let disposition = officer().get(&path).header("content-disposition").to_owned();
        assert!(disposition.is_ascii() && disposition.starts_with("attachment; filename*=UTF-8''"), "{disposition}");
    }
    // A control character in the head of a part is no multipart at all.
    let matter = handed_out("文件名带控制字符的任务材料");
    for name in ["\u{1}\u{7}.bin", "第一行\r\n第二行.txt"] {
        officer().upload(&format!("/matters/{matter}/attachments"), name, b"text".to_vec()).problem(400, "request.malformed");
    }
    let (_, file) = uploaded("超长文件名保留扩展名的任务", &long, b"text".to_vec());
    assert!(file["name"].as_str().is_some_and(|name| name.ends_with("长.pdf")), "{}", file["name"]);
}

/// What a crash leaves in the folder of uploads, and contents that no attachment came to name: gone a day later, nothing else is.
#[test]
fn what_belongs_to_no_attachment_goes_after_a_day() {
    let mut laboratory = laboratory(LABORATORY).alone();
    let matter = id(&created(&laboratory.person("df-market.handler"), "toy_finding", &json!({ "content": "附件目录中的残留文件" }), true));
    let files = format!("/matters/{matter}/attachments");
    let kept = laboratory.person("df-market.handler").upload(&files, "照片.txt", "真正的附件".into()).ok();
    let folder = laboratory.data_dir.join("attachments");
    std::fs::create_dir_all(folder.join("incoming")).expect("a folder");
    let nobodys = "ab".repeat(32);
    let write = |name: &str, hours_ahead: u64| {
        let file = std::fs::File::create(folder.join(name)).expect("a file");
        file.set_modified(std::time::SystemTime::now() + std::time::Duration::from_secs(hours_ahead * 3600)).expect("a time");
    };
    // As the store names a half-written upload, one written but not named yet, and a content without a row; and their like, younger.
    let young = ["incoming/01990000-0000-7000-8000-00000000000a#2".to_owned(), "cd".repeat(32)];
    let old = ["incoming/01990000-0000-7000-8000-00000000000a#1".to_owned(), "incoming/01990000-0000-7000-8000-00000000000b".to_owned(), nobodys];
    old.iter().for_each(|name| write(name, 0));
    young.iter().for_each(|name| write(name, 40));
    let there = |names: &[String]| names.iter().filter(|name| folder.join(name).exists()).count();
    laboratory.pass_hours(3);
    assert_eq!((there(&old), there(&young)), (old.len(), young.len()), "a day has not passed");
    // Looked for once a day: two days later surely.
    laboratory.pass_hours(48);
    assert_eq!((there(&old), there(&young)), (0, young.len()));
    laboratory.pass_hours(48);
    assert_eq!(there(&young), 0);
    let path = format!("{files}/{}", kept["id"].as_str().unwrap_or_default());
    assert_eq!(laboratory.person("df-market.handler").get(&path).text(), "真正的附件");
}
