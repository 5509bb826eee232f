//! What the reading of foreign spreadsheets says: each sentence with the code it is known by. `{0}` … are the arguments of the
//! explanation that uses it.

use super::text::Message;

/// A sentence and its code; programs look at the code, people at the sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sentence {
    pub code: &'static str,
    pub message: Message,
}

macro_rules! sentences {
    ($($name:ident $code:literal: $zh:literal, $en:literal;)*) => {
        $(pub const $name: Sentence = Sentence { code: $code, message: Message { zh: $zh, en: $en } };)*
        /// All of them, for what must hold of each.
        pub const ALL: &[Sentence] = &[$($name),*];
    };
}

sentences! {
    // How a date was derived: {0} as written, {1} the date.
    DUE_DAY "due.day": "“{0}”→ {1}", "“{0}” → {1}";
    DUE_SERIAL "due.serial": "“{0}”→ {1}（表格日期序号）", "“{0}” → {1} (spreadsheet date number)";
    DUE_MONTH_END "due.month_end": "“{0}”→ {1}（当月最后一日）", "“{0}” → {1} (last day of the month)";
    DUE_MONTH_BEGIN "due.month_begin": "“{0}”→ {1}（月初按 5 日计）", "“{0}” → {1} (beginning of a month: its 5th)";
    DUE_FIRST_TEN "due.first_ten": "“{0}”→ {1}（上旬末日）", "“{0}” → {1} (end of the first ten days)";
    DUE_MONTH_MIDDLE "due.month_middle": "“{0}”→ {1}（月中按 15 日计）", "“{0}” → {1} (middle of a month: its 15th)";
    DUE_SECOND_TEN "due.second_ten": "“{0}”→ {1}（中旬末日）", "“{0}” → {1} (end of the second ten days)";
    DUE_YEAR_BEGIN "due.year_begin": "“{0}”→ {1}（年初按 1 月底计）", "“{0}” → {1} (beginning of a year: end of January)";
    DUE_YEAR_MIDDLE "due.year_middle": "“{0}”→ {1}（年中按 6 月底计）", "“{0}” → {1} (middle of a year: end of June)";
    DUE_YEAR_END "due.year_end": "“{0}”→ {1}（当年最后一日）", "“{0}” → {1} (last day of the year)";
    DUE_QUARTER_BEGIN "due.quarter_begin": "“{0}”→ {1}（季度首月最后一日）", "“{0}” → {1} (end of the quarter's first month)";
    DUE_QUARTER_MIDDLE "due.quarter_middle": "“{0}”→ {1}（季度第二个月最后一日）", "“{0}” → {1} (end of the quarter's second month)";
    DUE_QUARTER_END "due.quarter_end": "“{0}”→ {1}（季度最后一日）", "“{0}” → {1} (last day of the quarter)";
    DUE_FIRST_HALF "due.first_half": "“{0}”→ {1}（上半年最后一日）", "“{0}” → {1} (last day of the first half)";
    DUE_SECOND_HALF "due.second_half": "“{0}”→ {1}（下半年最后一日）", "“{0}” → {1} (last day of the second half)";
    DUE_SPAN "due.span": "“{0}”→ {1}（起止期间，以结束日为准）", "“{0}” → {1} (a span: its end counts)";
    DUE_FROM_TODAY "due.from_today": "“{0}”→ {1}（自今日起算）", "“{0}” → {1} (counted from today)";
    DUE_WORKING_DAYS "due.working_days": "“{0}”→ {1}（自今日起算，按工作日历）", "“{0}” → {1} (from today, by the calendar of working days)";
    DUE_WEEKDAY "due.weekday": "“{0}”→ {1}（{2}）", "“{0}” → {1} ({2})";
    DUE_WEEK_END "due.week_end": "“{0}”→ {1}（该周最后一个工作日）", "“{0}” → {1} (last working day of that week)";
    DUE_FESTIVAL "due.festival": "“{0}”→ {1}（{2}放假前最后一个工作日）", "“{0}” → {1} (last working day before {2})";
    DUE_COMMEMORATION "due.commemoration": "“{0}”→ {1}（{2}的前一日）", "“{0}” → {1} (the day before {2})";
    DUE_BARE_DAY "due.bare_day": "“{0}”→ {1}（未写月份，取今日之后最近的该日）", "“{0}” → {1} (no month given: the next such day)";
    DUE_RECURRING "due.recurring": "“{0}”→ 定期任务：{1}，每期生成一件", "“{0}” → recurring: {1}, one instance each period";
    DUE_STANDING "due.standing": "“{0}”→ 长期任务，每季度评估", "“{0}” → standing task, reviewed quarterly";

    // What was assumed on the way.
    DUE_YEAR_GIVEN_BEFORE "due.year_given_before": "“{0}”未写年份：沿用前一时限，为 {1} 年", "“{0}” names no year: as the limit before it, {1}";
    DUE_YEAR_OF_LIST "due.year_of_list": "“{0}”未写年份：按清单的年份，为 {1} 年", "“{0}” names no year: by the years of the list, {1}";
    DUE_YEAR_NEXT "due.year_next": "“{0}”未写年份：取今日之后最近的一次，为 {1} 年", "“{0}” names no year: the next one after today, {1}";
    DUE_PROVISIONAL "due.provisional": "{0} 年放假安排尚未公布，此日期为暂定，公布后请核对", "Days off of {0} are not announced yet: the date is provisional";
    DUE_MILESTONES "due.milestones": "一格写了多个时限：以最后的 {0} 为完成时限；{1} 是阶段节点，随时限原文保留", "Several limits in one cell: the last, {0}, is the due date; {1} are milestones, kept with the words as written";

    // Why a date is asked for or refused.
    DUE_MISSING "due.missing": "没有写完成时限，请填写", "No due date is given; enter one";
    DUE_UNCLEAR "due.unclear": "看不出完成时限，请填写日期或选择时限类型", "The due date is not clear; enter a date or choose the kind of limit";
    DUE_VAGUE "due.vague": "“{0}”没有说到哪一天，请填写日期或选择时限类型", "“{0}” names no day; enter a date or choose the kind of limit";
    DUE_EVENT "due.event": "“{0}”取决于另一件事的日期，表中没有，请填写", "“{0}” hangs on the date of something else that the sheet does not tell; enter the date";
    DUE_EVENT_LIMIT "due.event_limit": "“{0}”自“{1}”起算，表中没有这一天；如自今日起算则为 {2}", "“{0}” runs from “{1}”, a day the sheet does not tell; from today it would be {2}";
    DUE_AROUND_FESTIVAL "due.around_festival": "“{0}”不是一个日子，请填写日期；节前最后一个工作日是 {1}", "“{0}” is not one day; enter a date. The last working day before it is {1}";
    DUE_NO_CALENDAR "due.no_calendar": "工作日历中还没有 {1} 年的{0}，请填写日期", "The calendar does not know {0} of {1} yet; enter a date";
    DUE_BEFORE_PERIOD "due.before_period": "“{0}”可以指 {1}（开始之前），也可以指 {2}（结束之前），请选定", "“{0}” may mean {1} (before it begins) or {2} (before it ends); choose";
    DUE_NUMBER_AMBIGUOUS "due.number_ambiguous": "数字“{0}”可以是 {1}，也可以是 {2}（末尾的零已被表格去掉），请选定", "The number “{0}” may be {1} or {2} (a sheet drops a final zero); choose";
    DUE_ORDER_AMBIGUOUS "due.order_ambiguous": "“{0}”可以是 {1}，也可以是 {2}（月、日顺序不明），请选定", "“{0}” may be {1} or {2} (order of day and month); choose";
    DUE_DATE_AND_STANDING "due.date_and_standing": "“{0}”既有日期又说长期：按 {1} 为完成时限，还是作为长期任务？", "“{0}” has both a date and no end: due {1}, or a standing task?";
    DUE_DATE_AND_RECURRING "due.date_and_recurring": "“{0}”既有日期又有周期：按 {1} 为完成时限，还是作为定期任务？", "“{0}” has both a date and a period: due {1}, or a recurring task?";
    DUE_RECURRING_SEVERAL "due.recurring_several": "“{0}”每期有多个日子，一件定期任务只记一个：拟按{1}，请确认或改填", "“{0}” has several days a period, a recurring task has one: {1} is proposed; confirm or change";
    DUE_RECURRING_NEAR "due.recurring_near": "“{0}”不能照原样登记为周期：拟按{1}，请确认或改填", "“{0}” cannot be kept as written: {1} is proposed; confirm or change";
    DUE_RECURRING_UNKNOWN "due.recurring_unknown": "“{0}”的周期不能登记，请改选每周、每月、每季度、每半年或每年", "The period of “{0}” cannot be kept; choose weekly, monthly, quarterly, half-yearly or yearly";
    DUE_NO_MONTH "due.no_month": "没有{0}月，请改为有效日期", "There is no month {0}; enter a valid date";
    DUE_NO_DAY "due.no_day": "{0}月没有{1}日，请改为有效日期", "Month {0} has no day {1}; enter a valid date";
    DUE_PAST "due.past": "{0}已过，请确认按逾期任务导入或改期", "{0} has passed: confirm it as overdue or change it";
    DUE_PAST_ANSWER "due.past_answer": "日期已过，请确认按逾期任务导入或改期", "The date has passed: confirm it as overdue or change it";

    // Recurrences, as parts of the sentences above.
    EVERY_WEEK "every.week": "每周{0}", "every week, {0}";
    EVERY_MONTH_DAY "every.month_day": "每月 {0} 日前", "every month by day {0}";
    EVERY_MONTH_END "every.month_end": "每月末", "every month's end";
    EVERY_QUARTER_DAY "every.quarter_day": "每季度末月 {0} 日前", "day {0} of every quarter's last month";
    EVERY_QUARTER_END "every.quarter_end": "每季度末", "every quarter's end";
    EVERY_HALF_DAY "every.half_day": "每半年末月 {0} 日前", "day {0} of every half year's last month";
    EVERY_HALF_END "every.half_end": "每半年末", "every half year's end";
    EVERY_YEAR_DAY "every.year_day": "每年 {0} 月 {1} 日前", "every year by {0}/{1} (month/day)";
    EVERY_YEAR_END "every.year_end": "每年末", "every year's end";

    // Units: {0} as written.
    UNIT_IS "unit.is": "“{0}”→ {1}", "“{0}” → {1}";
    UNIT_CHOSEN "unit.chosen": "“{0}”→ {1}（由核对人选定）", "“{0}” → {1} (chosen by the reviewer)";
    UNIT_LEFT_OUT "unit.left_out": "“{0}”→ 不列（由核对人选定）", "“{0}” → left out (chosen by the reviewer)";
    UNIT_LEAD_MARKED "unit.lead_marked": "“{0}”标明牵头 → {1}，其余列为责任单位", "“{0}” is marked as lead → {1}; the others become co-units";
    UNIT_GROUP "unit.group": "“{0}”→ {1} 家单位", "“{0}” → {1} units";
    UNIT_NEAR "unit.near": "“{0}”不是已有单位的名称，是否指：{1}？请选定", "“{0}” is not a known name; is it: {1}? Choose";
    UNIT_SEVERAL "unit.several": "“{0}”可以指 {1}，请选定", "“{0}” may mean {1}; choose";
    UNIT_UNKNOWN "unit.unknown": "找不到“{0}”，最接近：{1}", "“{0}” is not known; nearest: {1}";
    UNIT_SPLIT "unit.split": "“{0}”是 {1} 家单位的合称，拆分为 {1} 件还是指定一家牵头？", "“{0}” means {1} units: one task for each, or name one lead?";
    UNIT_WHICH_LEAD "unit.which_lead": "“{0}”指哪家单位？请指定一家牵头", "Which unit is meant by “{0}”? Name one lead";
    UNIT_WHICH "unit.which": "“{0}”指哪些单位？请选定，或确认不列", "Which units are meant by “{0}”? Choose them, or confirm to leave them out";
    UNIT_ONE_LEAD "unit.one_lead": "牵头单位只填一个：请在{0}中选定，其余列为责任单位", "Exactly one lead unit: choose one of {0}; the others become co-units";

    // Rows and other cells.
    CELL_NOT_INTEGER "cell.not_integer": "不是整数，未采用", "Not a whole number; left out";
    BASIS_IS_TITLE "basis.title": "表中没有来源一列：以标题“{0}”为来源依据", "The sheet has no column for the basis: its title “{0}” is taken";
    ROW_SAME_AS "row.same_as": "与第 {0} 行内容相同，保留一件？", "The same as row {0}: keep only one?";
    ROW_TEXT "row.text": "{0}", "{0}";
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn codes_are_unique_and_both_languages_take_the_same_arguments() {
        let codes: BTreeSet<&str> = ALL.iter().map(|sentence| sentence.code).collect();
        assert_eq!(codes.len(), ALL.len());
        for Sentence { code, message } in ALL {
            for index in 0..4 {
                let mark = format!("{{{index}}}");
                assert_eq!(message.zh.contains(&mark), message.en.contains(&mark), "{code} {mark}");
            }
        }
    }
}
