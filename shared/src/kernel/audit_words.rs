//! What is wrong with the chain of events, in the reader's language. The server names the first fault in one English sentence, the same
//! that the command line prints; its place and its kind are read out of it.

use super::{
    messages_more as M,
    text::{Lang, Message},
    typed_day::numbers,
};

/// Fragments of the sentences of `liandong verify`, and what they mean.
const FAULTS: [(&str, Message); 8] = [
    ("does not fit its hash", M::FAULT_CONTENT),
    ("is missing before it", M::FAULT_GAP),
    ("does not follow its predecessor", M::FAULT_ORDER),
    ("its history ends at", M::FAULT_ENDS),
    ("it covers", M::FAULT_COUNT),
    ("under it were changed", M::FAULT_UNDER_SEAL),
    ("its signature is not", M::FAULT_SIGNATURE),
    ("is missing", M::FAULT_SEAL_MISSING),
];

/// A fault that `verify` found, as a sentence that begins with its place.
pub fn fault_words(fault: &str, lang: Lang) -> String {
    // A chain's name, `matter:…`, has a colon of its own.
    let (place, rest) = fault.split_once(": ").unwrap_or((fault, fault));
    let mut named = place.split_whitespace();
    let (thing, id) = (named.next().unwrap_or_default(), named.next().unwrap_or_default());
    let position = place.rsplit_once('#').map(|(_, after)| after.trim_end_matches(')')).unwrap_or_default();
    let place = match thing {
        "event" => M::FAULT_AT_EVENT.fill(lang, &[id, position]),
        "matter" => M::FAULT_AT_MATTER.fill(lang, &[id]),
        "seal" => M::FAULT_AT_SEAL.fill(lang, &[id]),
        _ => return M::FAULT_OTHER.in_lang(lang).to_owned(),
    };
    let what = FAULTS.iter().find(|(fragment, _)| rest.contains(fragment)).map_or(M::FAULT_OTHER, |(_, message)| *message);
    format!("{place}{}{}", lang.colon(), what.fill(lang, &numbers(rest)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_is_told_in_chinese() {
        let told = |fault: &str| fault_words(fault, Lang::Zh);
        let event = "event 0199-a (matter:0199-b #7)";
        assert_eq!(told(&format!("{event}: its content does not fit its hash")), "记录 0199-a（所在链第 7 条）：内容与校验值不符");
        assert_eq!(told(&format!("{event}: entry #6 is missing before it")), "记录 0199-a（所在链第 7 条）：之前缺少第 6 条");
        assert_eq!(told("matter 0199-b: its history ends at entry #3, but should end at #5"), "事项 0199-b：记录止于第 3 条，应止于第 5 条");
        assert_eq!(told("seal 4: it covers 9 events, 8 are there"), "第 4 次封存：应有 9 条记录，现有 8 条");
        assert_eq!(told("seal 4 is missing"), "第 4 次封存：缺失");
        assert_eq!(told("anything else"), "请由技术人员在服务器上运行 liandong verify 查看详情");
    }
}
