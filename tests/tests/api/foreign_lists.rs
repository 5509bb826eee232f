//! Lists of other offices: other headings, other orders of columns, other habits. Each is looked at and written.

use rust_xlsxwriter::{ExcelDateTime, Format, Workbook, Worksheet};
use serde_json::{Value, json};
use tests::{Person, city};

const PATH: &str = "/imports?kind=work_item";

fn office() -> Person<'static> {
    city().person("df-justice.coordinator")
}

/// Writes rows of texts from a given line on; empty cells stay empty.
fn put(sheet: &mut Worksheet, first: u32, rows: &[&[&str]]) {
    for (line, cells) in (first..).zip(rows) {
        for (column, text) in (0u16..).zip(cells.iter()).filter(|(_, text)| !text.is_empty()) {
            sheet.write_string(line, column, *text).expect("a cell can be written");
        }
    }
}

fn merge(sheet: &mut Worksheet, from: (u32, u16), to: (u32, u16), text: &str) {
    sheet.merge_range(from.0, from.1, to.0, to.1, text, &Format::new()).expect("cells can be merged");
}

fn saved(mut workbook: Workbook) -> Vec<u8> {
    workbook.save_to_buffer().expect("a workbook can be written")
}

/// The row of a preview whose content begins so.
#[track_caller]
fn row<'a>(preview: &'a Value, content: &str) -> &'a Value {
    let rows = preview["rows"].as_array().expect("a preview has rows");
    let begins = |row: &&Value| row["values"]["content"].as_str().is_some_and(|text| text.starts_with(content));
    rows.iter().find(begins).unwrap_or_else(|| panic!("no row {content} in {preview:#}"))
}

fn told(row: &Value) -> Vec<&str> {
    row["understood"].as_array().into_iter().flatten().filter_map(|told| told["code"].as_str()).collect()
}

#[track_caller]
fn problem<'a>(row: &'a Value, code: &str) -> &'a Value {
    let problems = row["problems"].as_array().expect("a row has problems");
    problems.iter().find(|problem| problem["code"] == code).unwrap_or_else(|| panic!("no {code} in {row:#}"))
}

#[track_caller]
fn counts(preview: &Value, accepted: i64, decide: i64, refused: i64) {
    let counted = json!({ "accepted": accepted, "decide": decide, "refused": refused, "present": 0 });
    assert_eq!(preview["counts"], counted, "{preview:#}");
}

fn answer(office: &Person, preview: &Value, row: &Value, patch: &Value) -> Value {
    let (import, number) = (preview["id"].as_str().unwrap_or_default(), row["row"].as_i64().unwrap_or_default());
    office.patch(&format!("/imports/{import}/rows/{number}"), None, patch).ok()
}

fn committed(office: &Person, preview: &Value) -> i64 {
    let import = preview["id"].as_str().expect("an import has an id");
    office.post(&format!("/imports/{import}/commit"), &json!({})).ok()["created"].as_i64().unwrap_or_default()
}

/// One column of units with labels in its cells, the date first, a cover and notes around the list.
#[test]
fn a_list_with_one_column_of_units() {
    let mut workbook = Workbook::new();
    put(workbook.add_worksheet().set_name("封面").expect("a name"), 0, &[&["某局2027年重点工作"], &["二〇二六年十一月"]]);
    let sheet = workbook.add_worksheet().set_name("台账").expect("a name");
    put(
        sheet,
        0,
        &[
            &["某局2027年度重点工作台账"],
            &[""],
            &["单位：某局办公室"],
            &["时限要求", "责任单位", "事项", "序号"],
            &["1月底前", "牵头：市水利局；配合：市生态环境分局、告成镇人民政府", "外单位清单甲：排查颍河沿线排污口", "1"],
            &["2027年Q2", "市住建局（牵头）、资规局", "外单位清单甲：清理违规占用河道建筑", "2"],
            &["国庆节前", "县城管局", "外单位清单甲：整治节日期间占道经营", "3"],
            &["三季度前", "市交通局", "外单位清单甲：更换破损的通航标志牌", "4"],
            &["长期坚持", "市林业局、市文旅局", "外单位清单甲：保护沿河的古树和驿道", "5"],
            &["", "", "合计", "5"],
        ],
    );
    put(workbook.add_worksheet().set_name("填表说明").expect("a name"), 0, &[&["栏目", "说明"], &["责任单位", "填写简称"], &["时限要求", "填到月"]]);
    let office = office();
    let preview = office.upload(PATH, "重点工作.xlsx", saved(workbook)).ok();
    counts(&preview, 3, 2, 0);
    assert_eq!(preview["tables"].as_array().map(Vec::len), Some(1), "a cover and notes are passed over");
    assert_eq!((&preview["tables"][0]["sheet"], &preview["tables"][0]["header_row"]), (&json!("台账"), &json!(4)));

    let outfalls = row(&preview, "外单位清单甲：排查");
    assert_eq!(outfalls["values"]["lead_unit"], "df-water");
    assert_eq!(outfalls["values"]["co_units"], json!(["df-ecology", "df-gaocheng"]));
    assert_eq!(outfalls["values"]["due_date"], "2027-01-31");
    assert_eq!(outfalls["values"]["origin_ref"], "某局2027年度重点工作台账");
    for code in ["due.month_end", "due.year_of_list", "unit.lead_marked", "basis.title"] {
        assert!(told(outfalls).contains(&code), "{code}: {outfalls:#}");
    }
    let buildings = row(&preview, "外单位清单甲：清理");
    assert_eq!((&buildings["values"]["lead_unit"], &buildings["values"]["co_units"]), (&json!("df-housing"), &json!(["df-resources"])));
    assert_eq!(buildings["values"]["due_date"], "2027-06-30");
    let stalls = row(&preview, "外单位清单甲：整治");
    assert_eq!((&stalls["values"]["lead_unit"], &stalls["values"]["due_date"]), (&json!("df-urban"), &json!("2027-09-30")));
    assert!(told(stalls).contains(&"due.festival"), "{stalls:#}");

    // 三季度前 may be either end; the answer is one of the candidates.
    let signs = row(&preview, "外单位清单甲：更换");
    let offered: Vec<&Value> =
        problem(signs, "import.due_ambiguous")["candidates"].as_array().into_iter().flatten().map(|one| &one["value"]).collect();
    assert_eq!(offered, ["2027-06-30", "2027-09-30"]);
    answer(&office, &preview, signs, &json!({ "values": { "due_date": offered[0] } }));
    // Two units and nobody said to lead: one is chosen, the other takes part.
    let trees = row(&preview, "外单位清单甲：保护");
    assert_eq!(problem(trees, "validation.single_lead")["candidates"][1]["value"], "df-culture-tourism");
    let settled = answer(&office, &preview, trees, &json!({ "values": { "lead_unit": "df-culture-tourism" } }));
    assert_eq!(row(&settled, "外单位清单甲：保护")["values"]["co_units"], json!(["df-forestry"]));
    counts(&settled, 5, 0, 0);
    assert_eq!(row(&settled, "外单位清单甲：更换")["values"]["due_text"], "三季度前", "the words stay with the task");
    assert_eq!(committed(&office, &settled), 5);
}

/// Two header rows, a merged column of categories, totals.
#[test]
fn a_list_with_two_header_rows() {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    merge(sheet, (0, 0), (0, 6), "2027年府检联动任务分解表");
    for (column, heading) in [(0, "类别"), (1, "序号"), (2, "工作内容"), (5, "办结时间"), (6, "依据")] {
        merge(sheet, (1, column), (2, column), heading);
    }
    merge(sheet, (1, 3), (1, 4), "责任分工");
    merge(sheet, (3, 0), (4, 0), "信息共享");
    put(
        sheet,
        2,
        &[
            &["", "", "", "主责部门", "参与部门"],
            &["", "1", "外单位清单乙：互通行政处罚案件目录", "审批局", "市检察院及市司法局", "2027.4.30", "会议纪要第一条"],
            &["", "2", "外单位清单乙：开通网上查询的账号", "大数据局", "各镇（街道）", "年中", "会议纪要第二条"],
            &["小计", "", "2件"],
            &[
                "协同监督",
                "3",
                "外单位清单乙：联合检查医疗废物处置",
                "卫健委",
                "市生态环境局/市公安局",
                "6月底前完成摸排，12月底前完成整治",
                "会议纪要第三条",
            ],
            &["", "4", "外单位清单乙：回访检察建议落实情况", "检察院", "相关部门", "每季度末", "会议纪要第四条"],
            &["合计", "", "4件"],
        ],
    );
    let office = office();
    let preview = office.upload(PATH, "任务分解.xlsx", saved(workbook)).ok();
    counts(&preview, 3, 1, 0);
    assert_eq!(preview["tables"][0]["header_row"], 3);
    let first = row(&preview, "外单位清单乙：互通");
    assert_eq!((&first["values"]["group"], &first["values"]["lead_unit"]), (&json!("信息共享"), &json!("df-govservice")));
    assert_eq!(first["values"]["co_units"], json!(["df-procuratorate", "df-justice"]));
    let second = row(&preview, "外单位清单乙：开通");
    assert_eq!((&second["values"]["group"], &second["values"]["due_date"]), (&json!("信息共享"), &json!("2027-06-30")));
    assert_eq!(second["values"]["co_units"].as_array().map(Vec::len), Some(15));
    // The last limit is due; the one before stays in the words and in the explanation.
    let waste = row(&preview, "外单位清单乙：联合");
    assert_eq!((&waste["values"]["due_date"], &waste["values"]["group"]), (&json!("2027-12-31"), &json!("协同监督")));
    assert!(told(waste).contains(&"due.milestones"), "{waste:#}");
    let visits = row(&preview, "外单位清单乙：回访");
    assert_eq!((&visits["values"]["due_kind"], &visits["values"]["group"]), (&json!("recurring"), &json!("协同监督")));
    problem(visits, "import.collective");
    let settled = answer(&office, &preview, visits, &json!({ "decision": "confirm" }));
    counts(&settled, 4, 0, 0);
    assert_eq!(committed(&office, &settled), 4);
}

/// Several sheets, tasks in two columns, groups as rows, the header again on the next page.
#[test]
fn a_list_of_several_sheets() {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet().set_name("一季度").expect("a name");
    put(sheet, 0, &[&["2027年专项行动措施清单"], &["编号", "重点任务", "工作措施", "牵头部门", "协办", "时间节点", "来源"]]);
    merge(sheet, (2, 1), (3, 1), "校园周边整治");
    put(
        sheet,
        2,
        &[
            &["1", "", "外单位清单丙：检查校园周边的小卖部", "市市场监督管理局", "教育局", "2027年3月中旬", "专项方案"],
            &["2", "", "外单位清单丙：划定校门口的停车区域", "公安局", "嵩阳街道办事处、少林街道办", "2027年2月25日至3月10日", "专项方案"],
            &["编号", "重点任务", "工作措施", "牵头部门", "协办", "时间节点", "来源"],
            &["3", "未成年人保护", "外单位清单丙：核查旅馆的入住登记", "市公安局", "市文化广电和旅游局", "2027/3/31", "专项方案"],
        ],
    );
    let sheet = workbook.add_worksheet().set_name("二季度").expect("a name");
    put(
        sheet,
        0,
        &[
            &["备注", "截止日期", "工作任务", "主办单位", "编号"],
            &["（一）宣传"],
            &["进校园", "2027年五月", "外单位清单丙：编写青少年法治读本", "团市委", "1"],
            &["", "2027年13月", "外单位清单丙：拍摄禁毒宣传的短片", "市公安局", "2"],
        ],
    );
    let office = office();
    let preview = office.upload(PATH, "专项.xlsx", saved(workbook)).ok();
    assert_eq!(preview["tables"].as_array().map(Vec::len), Some(2));
    let shop = row(&preview, "外单位清单丙：检查");
    assert_eq!((&shop["values"]["group"], &shop["values"]["due_date"]), (&json!("校园周边整治"), &json!("2027-03-20")));
    assert_eq!(row(&preview, "外单位清单丙：划定")["values"]["due_date"], "2027-03-10");
    assert_eq!(row(&preview, "外单位清单丙：划定")["values"]["co_units"], json!(["df-songyang", "df-shaolin"]));
    let book = row(&preview, "外单位清单丙：编写");
    assert_eq!((&book["group"], &book["values"]["lead_unit"]), (&json!("(一)宣传"), &json!("df-youth")));
    let film = row(&preview, "外单位清单丙：拍摄");
    assert_eq!(film["verdict"], "refused");
    assert_eq!(problem(film, "validation.format")["text"]["zh"], "没有13月，请改为有效日期");
    // The second sheet tells no basis and has no title: it is asked.
    assert_eq!(book["verdict"], "decide");
    problem(book, "validation.required");
    counts(&preview, 3, 1, 1);
    assert_eq!(committed(&office, &preview), 3);
}

/// Numbers where dates are meant, misspelt names, limits that hang on something else.
#[test]
fn a_list_full_of_doubts() {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    put(
        sheet,
        0,
        &[
            &["任务清单", "承办单位", "配合部门", "完成日期", "文件依据"],
            &["外单位清单丁：登记辖区内的空置厂房", "市财证局", "市税务局", "", "督查通知"],
            &["外单位清单丁：催收拖欠的土地出让金", "市司发局", "市财证局、市税务局", "", "督查通知"],
            &["外单位清单丁：公示补贴的发放名单表", "市农业局", "", "收到之日起15日内", "督查通知"],
            &["外单位清单丁：清点国有的房产和车辆", "国资中心", "各有关单位", "", "督查通知"],
            &["外单位清单丁：答复人大代表所提建议", "市体育局", "", "全国两会前", "督查通知"],
        ],
    );
    let day = ExcelDateTime::from_ymd(2027, 5, 20).expect("a day");
    sheet.write_datetime_with_format(1, 3, day, &Format::new().set_num_format("yyyy-mm-dd")).expect("a cell can be written");
    sheet.write_number(2, 3, 46_522.0).expect("a cell can be written");
    sheet.write_number(4, 3, 2027.1).expect("a cell can be written");
    let office = office();
    let preview = office.upload(PATH, "督查.xlsx", saved(workbook)).ok();
    counts(&preview, 0, 4, 1);
    let halls = row(&preview, "外单位清单丁：登记");
    assert_eq!(halls["values"]["due_date"], "2027-05-20");
    let near = problem(halls, "import.unit_near");
    assert_eq!((&near["name"], &near["candidates"][0]["value"]), (&json!("市财证局"), &json!("df-finance")));
    assert!(halls["values"]["lead_unit"].is_null(), "a near name is never taken silently");
    assert_eq!(row(&preview, "外单位清单丁：催收")["values"]["due_date"], "2027-05-15");
    let bonus = row(&preview, "外单位清单丁：公示");
    assert_eq!(bonus["values"]["lead_unit"], "df-agriculture");
    assert_eq!(problem(bonus, "import.due_event")["candidates"].as_array().map(Vec::len), Some(1));
    let houses = row(&preview, "外单位清单丁：清点");
    assert_eq!(problem(houses, "import.due_ambiguous")["candidates"][1]["value"], "2027-10-31");
    let delegates = row(&preview, "外单位清单丁：答复");
    assert_eq!(delegates["verdict"], "refused", "a department this city doesn't have");
    problem(delegates, "import.due_event");

    // A name answered once is answered in every row that writes it.
    let import = preview["id"].as_str().expect("an import has an id").to_owned();
    office.patch(&format!("/imports/{import}/rows/2"), None, &json!({ "names": { "市财证局": "no-such" } })).problem(422, "validation.unknown_unit");
    let after = answer(&office, &preview, halls, &json!({ "names": { "市财证局": "df-finance" } }));
    assert_eq!(row(&after, "外单位清单丁：登记")["values"]["lead_unit"], "df-finance");
    let dues = row(&after, "外单位清单丁：催收");
    assert_eq!(dues["values"]["co_units"], json!(["df-finance", "df-tax"]));
    assert_eq!(dues["verdict"], "decide", "its lead is still in question");
    let after = answer(&office, &after, dues, &json!({ "names": { "市司发局": "df-justice" } }));
    let after = answer(&office, &after, row(&after, "外单位清单丁：公示"), &json!({ "values": { "due_date": "2027-01-15" } }));
    let houses = row(&after, "外单位清单丁：清点");
    let after = answer(&office, &after, houses, &json!({ "values": { "due_date": "2027-10-31" }, "decision": "confirm" }));
    let delegates = row(&after, "外单位清单丁：答复");
    let after = answer(&office, &after, delegates, &json!({ "decision": "skip" }));
    counts(&after, 4, 0, 0);
    assert_eq!(committed(&office, &after), 4);
}
