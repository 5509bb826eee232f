//! Sentences of the pages around the matters: import, overview, search, notices, administration, audit, calendar, oneself.

use super::text::Message;

macro_rules! messages {
    ($($name:ident: $zh:literal, $en:literal;)*) => {
        $(pub const $name: Message = Message { zh: $zh, en: $en };)*
    };
}

// Words of all these pages.
messages! {
    DOT: " · ", " · ";
    COLON: "：", ": ";
    SEPARATOR: "；", "; ";
    LIST_COMMA: "、", ", ";
    ALL: "全部", "All";
    ACTION: "操作", "Action";
    CANCEL: "取消", "Cancel";
    CHANGE: "修改", "Change";
    CHANGE_NAMED: "修改“{0}”", "Change “{0}”";
    CHOOSE: "请选择", "Choose";
    CHOOSE_FILE: "选择文件", "Choose a file";
    CODE: "代码", "Code";
    FILTER: "筛选", "Filter";
    FROM_DAY: "起始日期", "From";
    TO_DAY: "截止日期", "To";
    LIMIT: "时限", "Time limit";
    MATTER: "事项", "Matter";
    NAME: "姓名", "Name";
    NEVER: "尚未", "never";
    OPTIONAL: "选填", "Optional";
    PERSON: "人员", "Person";
    PRINT: "打印", "Print";
    REMOVE: "移除", "Remove";
    ROW: "行", "Row";
    SAVE: "保存", "Save";
    SAVED: "已保存", "Saved";
    LETTERS: "邮件提醒", "Notices by e-mail";
    EMAIL: "电子邮箱", "E-mail address";
    EMAIL_HINT: "留空则不发送", "Leave empty for none";
    EMAIL_NOTICES: "把提醒同时发到邮箱", "Send notices to this address, too";
    SEARCH: "搜索", "Search";
    STATE: "状态", "State";
    SYSTEM: "系统", "System";
    TYPE_TO_FIND: "输入名称查找", "Type to find";
    UNIT: "单位", "Unit";
    WHEN: "时间", "When";
    N_DAYS: "{0} 天", "{0} d";
    N_ROWS: "{0} 行", "{0} rows";
    N_UNITS: "{0} 家单位", "{0} units";
    AS_TABLE_ALL: "查看表格（全部 {0} 家单位）", "As a table (all {0} units)";
    AS_TABLE: "查看表格", "As a table";
    AS_LIST: "按日期列出", "As a list";
}

// Import.
messages! {
    IMPORT: "导入", "Import";
    IMPORT_TITLE: "导入{0}", "Import: {0}";
    IMPORT_WHAT_HAPPENS: "系统先读表、逐行说明怎样理解，由您核对后再写入；核对之前不会写入任何数据。", "The system reads the sheet and says how it understood each row; nothing is written until you have checked it.";
    IMPORT_DROP: "把表格拖到这里，或从电脑中选择", "Drop a spreadsheet here, or choose one";
    IMPORT_CHOOSE: "选择表格", "Choose a spreadsheet";
    IMPORT_LIMITS: "支持 .xlsx、.xls、.ods，最多 5000 行；标题行和合并单元格自动识别，不必改表。", ".xlsx, .xls or .ods, 5,000 rows at most; header rows and merged cells are recognised, no need to change the sheet.";
    IMPORT_WRONG_ENDING: "“{0}”不是表格文件，请选择 .xlsx、.xls 或 .ods", "“{0}” is not a spreadsheet; choose .xlsx, .xls or .ods";
    IMPORT_READING: "正在上传并读取“{0}”（{1}），请不要离开本页…", "Uploading and reading “{0}” ({1}); please stay on this page …";
    IMPORT_PROGRESS: "上传进度", "Upload";
    IMPORT_EARLIER: "以往导入", "Earlier imports";
    IMPORT_NONE: "还没有导入过表格。选择一份工作清单，系统会逐行说明怎样理解。", "Nothing was imported yet. Choose a work list; each row will be explained.";
    IMPORT_FILE: "文件", "File";
    IMPORT_KIND: "类型", "Kind";
    IMPORT_COMMITTED: "已导入", "Imported";
    IMPORT_PREVIEW: "待核对", "To be checked";
    IMPORT_GO_ON: "继续核对", "Go on checking";
    IMPORT_LOOK: "查看", "Look";
    IMPORT_LIST: "导入清单", "Import a list";
    IMPORT_REVIEW: "核对后导入", "Check, then import";
    IMPORT_TABLE: "{0} · 标题在第 {1} 行", "{0} · titles in row {1}";
    IMPORT_NOTHING_WRITTEN: "尚未写入任何数据", "nothing written yet";
    IMPORT_WRITTEN: "已写入", "written";
    IMPORT_UNKNOWN_COLUMNS: "未识别、不会导入的列：{0}", "Columns not understood, not imported: {0}";
    IMPORT_ONLY_OPEN: "只看需处理的", "Only rows to settle";
    IMPORT_NOTHING_OPEN: "没有需要处理的行，可以导入了。", "No row needs settling: ready to import.";
    IMPORT_NO_ROWS: "表中没有可识别的行。请检查标题行，改好后重新上传。", "No row was understood. Check the header row and upload again.";
    IMPORT_UNDERSTOOD: "系统怎样理解", "How it was understood";
    IMPORT_VERDICT: "结论", "Verdict";
    N_ACCEPTED: "{0} 行可导入", "{0} rows ready";
    N_DECIDE: "{0} 行需确认", "{0} rows to decide";
    N_REFUSED: "{0} 行有错误", "{0} rows with errors";
    N_PRESENT: "{0} 行已存在", "{0} rows already present";
    VERDICT_ACCEPTED: "可导入", "Ready";
    VERDICT_DECIDE: "需确认", "To decide";
    VERDICT_REFUSED: "有错误", "Error";
    VERDICT_PRESENT: "已存在", "Present";
    VERDICT_SKIPPED: "不导入", "Skipped";
    DECIDE_KEEP: "保留这一行", "Keep this row";
    DECIDE_SKIP: "不导入这一行", "Skip this row";
    DECIDE_SPLIT: "拆分，每家单位一件", "Split: one for each unit";
    DECIDE_CONFIRM: "确认无误", "It is right";
    CANDIDATE_LEAVE_OUT: "不列“{0}”", "Leave out “{0}”";
    CANDIDATES_OF: "“{0}”是：", "“{0}” is:";
    CANDIDATES: "选定：", "Choose:";
    DECIDED: "已选：{0}", "Chosen: {0}";
    IMPORT_CHECK_AGAIN: "改好了，重新核对", "Done, check again";
    ALL_FIELDS: "显示全部字段", "Show all fields";
    FEWER_FIELDS: "只显示需处理的字段", "Show only what needs settling";
    IMPORT_REST: "有错误和待确认的行处理好之前不会导入；可以先导入其余 {0} 行。", "Rows with errors or to decide are not imported until settled; the other {0} can be imported now.";
    IMPORT_NOTHING_READY: "还没有可以导入的行，请先处理上面标出的行。", "No row can be imported yet; settle the marked rows first.";
    IMPORT_ALL: "{0} 行全部可以导入。", "All {0} rows can be imported.";
    IMPORT_N: "导入 {0} 行", "Import {0} rows";
    IMPORT_N_MAKE: "导入 {0} 行（共 {1} 件）", "Import {0} rows ({1} matters)";
    ROW_MAKES: "成为 {0} 件", "Becomes {0} matters";
    ROW_MADE: "已成为 {0} 件", "Became {0} matters";
    READ_AS: "“{0}”→ {1}", "“{0}” → {1}";
    IMPORT_DONE: "已导入：新建 {0} 件，已存在 {1} 件未重复创建。", "Imported: {0} created, {1} already present and not doubled.";
    IMPORT_COMMITTED_BEFORE: "这份表格已经导入，以下内容只供查看。", "This sheet was imported; what follows is for reading only.";
    IMPORT_WRITING: "正在写入 {0} / {1} 行", "Writing {0} / {1} rows";
    IMPORT_WRITING_SOON: "正在准备写入…", "About to write …";
    IMPORT_WRITING_GOES_ON: "可以离开本页，写入会继续；再打开这份导入就能看到结果。", "You can leave this page, the writing goes on; open this import again to see the result.";
    IMPORT_STOPPED: "上次写入没有完成，没有写入任何数据，可以重新导入。", "The last import was not finished and nothing was written; import again.";
    EXPORTS: "近一天的导出", "Exports of the last day";
    EXPORTS_LINE: "从列表的“导出”开始；文件保留一天。", "Started by “Export” on a list; files are kept for a day.";
    EXPORTS_NONE: "近一天没有导出。在任一列表上点“导出”，进度和文件都在这里。", "Nothing was exported in the last day. Press “Export” on any list: progress and file are found here.";
    EXPORT_OF: "导出内容", "What";
    EXPORT_ROWS: "行数", "Rows";
    EXPORT_BOX: "我的事项", "My matters";
    EXPORT_DONE: "已完成", "Done";
    EXPORT_FAILED: "未完成", "Not done";
    EXPORT_TITLE: "导出", "Export";
    IMPORT_SEE_LIST: "到列表中查看", "See them in the list";
    IMPORT_SEE_MATTERS: "新建的 {0} 件事项", "The {0} new matters";
}

// Overview.
messages! {
    OVERVIEW: "数据总览", "Overview";
    OVERVIEW_SUB: "截至 {0} · {1} · 每个数字都能点开看到对应事项", "As of {0} · {1} · each figure opens its matters";
    OVERVIEW_EMPTY: "还没有{0}，所以没有数字。第一步：导入清单。", "No matters of the kind “{0}” yet, so no figures. First step: import a list.";
    OVERVIEW_NOTHING: "还没有{0}，所以没有数字。", "No matters of the kind “{0}” yet, so no figures.";
    OPEN_MATTERS: "在办事项", "Open matters";
    OVERDUE: "已超期", "Overdue";
    DUE_SOON: "三日内到期", "Due within three days";
    ON_TIME: "按期办结", "Completed on time";
    WAITING_FOR: "超期在等谁", "Whom late matters wait for";
    NOTHING_OVERDUE: "没有超期事项。", "Nothing is overdue.";
    LATE_BAR: "{0} 件 · 最长 {1} 天", "{0} · up to {1} d";
    OFFICE_DUTIES: "等联动办处理", "Waiting for the linkage office";
    OFFICE_DUTIES_NOTE: "点开数字即可逐件处理。", "Open a figure to settle them one by one.";
    TO_APPROVE: "待审批延期", "Extensions to decide";
    RECEIPT_OVERDUE: "逾期未签收", "Receipt overdue";
    BY_STATE: "按办理状态", "By state";
    BY_UNIT: "按承办单位", "By holding unit";
    QUALITY: "办理情况", "How it went";
    CLOSED_THIS_YEAR: "本年度已办结", "Closed this year";
    REWORKED: "退回整改过", "Returned for rework";
    EXTENDED: "延期过", "Extended";
    OPEN_SHORT: "在办", "Open";
    CLOSED_SHORT: "办结", "Closed";
    OVERDUE_SHORT: "超期", "Overdue";
    LONGEST: "最长超期", "Longest";
    TO_RECEIVE: "待签收", "To receive";
    OPEN_AND_CLOSED: "在办 {0} · 办结 {1}", "{0} open · {1} closed";
    STANDING_OK: "正常推进", "On course";
    STANDING_LATE: "有超期", "Something late";
    STANDING_DONE: "已办结", "Completed";
    STANDING_NOT_BEGUN: "未启动", "Not begun";
    DEFINITIONS: "指标口径", "How the figures are defined";
    DEFINITIONS_TEXT: "在办：未到终态的事项。超期：在办且已过完成时限的事项，以当日为准；已报完成待验收的，看验收时限；本单位应办的时限（评估、验收、裁定等）到期未办的也列入。三日内到期：完成时限在今后三日内（含当日）。按期办结：分母为本年度完成时限届满的事项（含尚未办结的）和时限届满前已办结的事项，每件只计一次，按完成时限与办结日期中较早的一个归期；分子为其中不晚于完成时限办结的件数（办结日以经验收认可的完成报告为准）。已报完成、待验收的，验收后计入。退回整改过、延期过：曾被退回整改或获准延期的事项，含已办结的，每件计一次。只统计您有权查看的事项。", "Open: not in a final state. Overdue: open and past the due date, as of today; by the limit for acceptance once completion is reported; and what is past a limit your own unit owes. Due within three days: due today or in the next three. On time: of the matters due this year and past (open ones, too) or closed before a later due date, each counted once on the earlier of the two days, those done no later than due, by the report that was accepted. Reported ones count once they are judged. Returned for rework, extended: ever sent back or given a later date, closed ones too, each counted once. Only matters you may see are counted.";
    URGE: "催办", "Urge";
    URGE_UNIT: "催办{0}", "Urge {0}";
    URGE_EXPLAIN: "{0}有 {1} 件超期事项。催办后，承办人和单位联络员会收到提醒，催办写入流转记录；24小时内已催办过的不再重复。", "{0} has {1} overdue matters. Their handlers and liaison officers are notified and it is recorded; what was urged within 24 hours is not urged again.";
    URGE_MESSAGE: "催办内容", "Message";
    URGE_HINT: "2 至 300 字，各件相同", "2 to 300 characters, the same for all";
    URGE_TEXT: "该事项已超过完成时限，请抓紧办理并反馈进展。", "This matter is past its due date; please proceed and report.";
    URGE_N: "催办 {0} 件", "Urge {0}";
    URGE_DONE: "已催办 {0} 件，未催办 {1} 件。", "{0} urged, {1} not.";
}

// Search.
messages! {
    SEARCH_LABEL: "搜索事项、编号、企业名称", "Search matters, numbers, company names";
    SEARCH_FOR: "“{0}”的搜索结果，最新的在前", "Results for “{0}”, newest first";
    SEARCH_START: "输入要找的内容。", "Type what you look for.";
    SEARCH_NOTHING: "没有找到“{0}”。", "Nothing found for “{0}”.";
    SEARCH_HELP_WORDS: "换一个更短的词试试，例如只输入企业字号或地名。", "Try a shorter word, such as only a company's or place's name.";
    SEARCH_HELP_NUMBER: "编号可以只输入后几位，例如 00017。", "Of a number, the last digits are enough, such as 00017.";
    SEARCH_HELP_SCOPE: "只搜索您有权查看的事项；没有参与的事项不会出现。", "Only matters you may see are searched.";
}

// Notices.
messages! {
    NOTICES: "提醒", "Notices";
    NOTICES_EMPTY: "还没有提醒。有事项移交给您、临近到期或有人催办时，会出现在这里。", "No notices yet. When a matter comes to you, is nearly due or is urged, it shows here.";
    N_UNREAD: "{0} 条未读", "{0} unread";
    NONE_UNREAD: "没有未读提醒", "Nothing unread";
    UNREAD: "未读", "Unread";
    MARK_READ: "标为已读", "Mark as read";
    MARK_ALL_READ: "全部标为已读", "Mark all as read";
}

// Administration.
messages! {
    ADMIN: "系统管理", "Administration";
    ADMIN_SUB: "系统管理员管单位和人员，安全管理员管角色和会话，审计管理员只看审计日志，三者由不同的人担任。", "Units and people, roles and sessions, and the audit log are kept by three different persons.";
    ADMIN_NONE: "您的角色没有管理权限。需要新增人员或修改单位时，请联系本市的系统管理员。", "Your role has no administration. For a new person or a change of a unit, ask the system administrator.";
    UNITS: "单位", "Units";
    PEOPLE: "人员", "People";
    DELEGATIONS: "代理", "Deputies";
    SESSIONS: "登录会话", "Sessions";
    UNITS_NONE: "没有符合条件的单位。换一个词，或新增单位。", "No unit fits. Try another word, or add the unit.";
    UNIT_SEARCH_HINT: "名称、简称、别名或代码", "Name, short name, alias or code";
    NEW_UNIT: "新增单位", "New unit";
    UNIT_KIND: "类别", "Kind";
    ALIASES: "别名", "Aliases";
    ALIASES_HINT: "表格和文件中的其他叫法，用逗号分开；导入时据此识别", "Other names in sheets and papers, separated by commas; imports recognise them";
    LINKAGE_OFFICE: "联动办", "Linkage office";
    ACTIVE: "在用", "Active";
    INACTIVE: "停用", "Inactive";
    CODE_HINT: "小写字母、数字和连字符，例如 df-water；以后不能修改", "Lower-case letters, digits and hyphens, such as df-water; can't be changed later";
    CODE_FIXED: "代码不能修改", "The code can't be changed";
    FULL_NAME: "全称", "Full name";
    SHORT_NAME: "简称", "Short name";
    SHORT_NAME_HINT: "列表中显示，越短越好", "Shown in lists; the shorter the better";
    ENGLISH_NAME: "英文名称", "English name";
    UNIT_ACTIVE: "在用", "Active";
    UNIT_ACTIVE_HINT: "停用后不能再收到事项；还有在办事项时不能停用", "An inactive unit gets no matters; impossible while it holds open ones";
    CONFERENCE_MEMBER: "联席会议成员单位", "Member of the joint conference";
    CONFERENCE_MEMBER_HINT: "“各成员单位”包含此单位", "“All member units” includes it";
    PEOPLE_NONE: "没有符合条件的人员。换一个词，或新增人员。", "No one fits. Try another word, or add the person.";
    PEOPLE_NO_MATCH: "没有找到", "No one fits";
    PERSON_SEARCH_HINT: "姓名或用户名", "Name or user name";
    ALL_UNITS: "全部单位", "All units";
    NEW_PERSON: "新增人员", "New person";
    USERNAME: "用户名", "User name";
    USERNAME_HINT: "3 至 60 个字母、数字、点或连字符；以后不能修改", "3 to 60 letters, digits, dots or hyphens; can't be changed later";
    PHONE: "电话", "Phone";
    FIRST_PASSWORD: "待改初始密码", "First password";
    UNIT_CHANGE_HINT: "调到其他单位后，其在办事项留在原单位，由联络员重新分办；业务角色转为拟任，由安全管理员重新授予；代理随即终止", "Open matters stay with the old unit for its liaison officer to assign; business roles become proposals for the security administrator; deputies end";
    PERSON_ACTIVE: "在用", "Active";
    PERSON_ACTIVE_HINT: "停用后立即下线，在办事项留在原单位", "Signed out at once; open matters stay with the unit";
    RESET_PASSWORD: "重置密码", "Reset the password";
    ISSUED_PASSWORD: "初始密码", "First password";
    ISSUED_PASSWORD_FOR: "{0}的初始密码，只显示这一次：", "First password of {0}, shown only once:";
    ISSUED_PASSWORD_NOTE: "请当面或电话告知本人；首次登录必须修改。", "Tell it in person or by phone; it must be changed at first sign-in.";
    HAND_OVER: "移交", "Hand over";
    HAND_OVER_NAMED: "移交{0}的在办事项", "Hand over the open matters of {0}";
    HAND_OVER_EXPLAIN: "{0}名下有 {1} 件在办事项，将全部改由{2}的另一人承办，时限不变，写入流转记录。", "{0} holds {1} open matters; all go to another person of {2}. Time limits stay; it is recorded.";
    HAND_OVER_TO: "移交给", "To";
    HAND_OVER_N: "移交 {0} 件", "Hand over {0}";
    HANDED_OVER_N: "已移交 {0} 件", "{0} handed over";
    ROLES: "角色", "Roles";
    NO_ROLES: "无", "None";
    ROLES_BUSINESS: "业务角色", "Business";
    ROLES_ADMINISTRATION: "管理角色（三员）", "Administration";
    SEPARATION: "三员分立：系统、安全、审计管理员由三个人分别担任，且都不得兼任业务角色。", "Separation of three: the system, security and audit administrators are three persons, and none has a business role.";
    ROLES_BY_SECURITY: "已有人员的角色由安全管理员调整。", "Roles of an existing person are changed by the security administrator.";
    ROLES_PROPOSED_NOTE: "这里选择的是拟任角色，由安全管理员授予后才生效。", "These roles are proposed; they hold once the security administrator has given them.";
    ROLES_TO_GIVE_NOTE: "已按系统管理员的拟任勾选，核对后保存即授予；不同意的请取消勾选。", "What the system administrator proposes is ticked; saving gives it. Untick what you don't agree to.";
    GIVE_PROPOSED_N: "授予以下 {0} 人的拟任角色", "Give the proposed roles of these {0}";
    PROPOSED_ROLES: "拟任：{0}", "Proposed: {0}";
    RESET_CODES: "重置动态口令", "Reset the one-time codes";
    ROLE_NOT_IN_UNIT: "这类单位没有此角色", "Units of this kind don't have this role";
    CONFLICT_TWO: "三员不能由同一人担任两项，请只选一项。", "One person can't hold two of the three administrations; choose one.";
    CONFLICT_BUSINESS: "管理员不能兼任业务角色，请去掉其中一类。", "An administrator can't have a business role; drop one of the two.";
    CONFLICT_UNIT: "该单位没有“{0}”这一角色，请去掉。", "This unit has no role “{0}”; drop it.";
    DELEGATIONS_ADMIN_NOTE: "代理由外出人员本人在“我的”中设置，只能是本单位人员；代理期间的操作注明“代某某办理”。", "A deputy is named by the person away, on their own page, within the unit; what the deputy does is recorded as on their behalf.";
    SESSIONS_CHOOSE: "先选人员，再查看其登录会话", "Choose a person to see the sessions";
    SESSIONS_ADMIN_NOTE: "怀疑账号被盗用时，全部下线，并请系统管理员重置其密码；管理员的密码由您在“人员”中重置。", "If an account may be stolen, end all its sessions and have the system administrator reset the password; an administrator's is yours to reset, under “People”.";
    SESSIONS_NONE_OF: "此人目前没有登录。", "This person is not signed in.";
    END_SESSION: "下线", "End";
    END_SESSION_OF: "下线：{0}", "End {0}";
    END_ALL_SESSIONS: "全部下线", "End all sessions";
    END_ONE_ASK: "让{0}的这次登录下线？", "End this session of {0}?";
    END_ALL_ASK: "让{0}全部下线？", "End all sessions of {0}?";
    END_ALL_LINE: "共 {0} 次登录", "Sessions: {0}";
    END_SESSIONS_NOTE: "立即生效，未保存的内容会丢失；此人可以凭密码再次登录。操作记入审计日志。", "At once; what is not saved is lost. The person can sign in again with the password. It is recorded in the audit log.";
    SESSIONS_ENDED: "已下线 {0} 次登录", "Sessions ended: {0}";
}

// Setting up from lists.
messages! {
    SETUP: "导入名册", "Import lists";
    SETUP_WHAT: "新装系统时，用本市已有的表格一次建好单位和账号。系统先读表、逐行说明怎样理解；核对之后才写入。已有的单位和人员不会改动，表格改好后可以再次导入。", "Sets up units and accounts from the city's own sheets. Each row is explained first; nothing is written before you agree. Units and people already there stay as they are, so a mended sheet can be imported again.";
    SETUP_WHICH: "导入哪种名册", "Which list";
    SETUP_UNITS: "单位名册", "List of units";
    SETUP_UNITS_COLUMNS: "可识别的列：单位名称、简称、类别、别名、代码、上级单位、是否成员单位、机关代字；只有单位名称必填", "Columns understood: 单位名称, 简称, 类别, 别名, 代码, 上级单位, 是否成员单位, 机关代字; only the name (单位名称) is needed";
    SETUP_PEOPLE: "人员名册", "List of people";
    SETUP_PEOPLE_COLUMNS: "可识别的列：单位、姓名、职务、手机、用户名、角色，或主要负责人、联络员、专员、承办人各一列；请先导入单位", "Columns understood: 单位, 姓名, 职务, 手机, 用户名, 角色, or one column for each of 主要负责人, 联络员, 专员, 承办人; import the units first";
    SETUP_LIMITS: "支持 .xlsx、.xls、.ods，最大 20 MB；标题行和合并单元格自动识别，不必改表。", ".xlsx, .xls or .ods, 20 MB at most; header rows and merged cells are recognised, no need to change the sheet.";
    SETUP_LAST: "继续上次上传的“{0}”", "Go on with “{0}”, uploaded last";
    SETUP_ONLY_REFUSED: "只看有错误的", "Only rows with errors";
    SETUP_NONE_REFUSED: "没有错误，可以写入了。", "No errors: ready to be written.";
    SETUP_NOTHING_READY: "没有可以写入的行。请在表格中改好上面标出的行，再重新上传。", "No row can be written. Mend the marked rows in the sheet and upload it again.";
    SETUP_REST: "有错误的行不会写入；可以先写入其余 {0} 行，表格改好后再次上传，已写入的不会重复。", "Rows with errors are not written. The other {0} can be written now; upload the mended sheet later, nothing will be doubled.";
    SETUP_WRITE_UNITS: "新建 {0} 家单位", "Create {0} units";
    SETUP_WRITE_PEOPLE: "开通 {0} 个账号", "Create {0} accounts";
    SETUP_WRITING: "正在写入…", "Writing …";
    SETUP_OTHER_FILE: "换一份表格", "Another sheet";
    SETUP_ONCE: "接下来会显示每个人的初始密码，只显示这一次，系统不保存、以后谁也查不到。请先准备好打印或抄录，并在无人旁观时操作。", "Each person's first password comes next. It is shown only this once; the system keeps none and nobody can read it later. Have a printer or a pen at hand, and no one looking on.";
    SETUP_DONE: "已写入：新建 {0} 个，已有 {1} 个未改动。", "Written: {0} created, {1} already there and left alone.";
    SETUP_UNITS_WRITTEN: "这份名册已经写入，以下按现在的情况显示。", "This list was written; below is how things are now.";
    SETUP_PEOPLE_WRITTEN: "这份名册已经写入。初始密码只在写入时显示过一次；没有记下的，请在“人员”中逐人重置密码。", "This list was written. The first passwords were shown once, then; for those not kept, reset the password under “People”.";
    SETUP_NEXT: "导入人员名册", "Import a list of people";
    SETUP_SEE_PEOPLE: "查看人员", "See the people";
    SETUP_ISSUED: "初始密码", "First passwords";
    SETUP_ISSUED_NOTE: "只显示这一次。请现在打印或复制，当面或电话告知本人；首次登录必须修改。交付后请销毁底稿。名册上的角色是拟任，由安全管理员在“人员”中授予后生效。", "Shown only this once. Print or copy it now and tell each person in private; it must be changed at first sign-in. Destroy the list afterwards. The list's roles are proposed: the security administrator gives them under “People”.";
    SETUP_ISSUED_N: "{1} 开通 {0} 个账号", "{0} accounts created on {1}";
    SETUP_KEPT: "已保存好，不再显示", "Kept; hide them";
    SETUP_KEPT_ASK: "确定已保存好初始密码？", "Are the first passwords kept?";
    SETUP_KEPT_NOTE: "关闭之后不能再次显示。没有记下的人只能由您重置密码。", "They can't be shown again. Whoever's is not kept needs a new one from you.";
    SETUP_KEPT_NOT_YET: "还没有", "Not yet";
    SETUP_KEPT_YES: "已保存好", "They are kept";
    COPY_ALL: "复制全部", "Copy all";
    COPIED: "已复制，可以粘贴到表格中", "Copied; paste it into a spreadsheet";
    NOT_COPIED: "浏览器不允许复制，请改用打印，或选中表格后按 Ctrl+C", "The browser does not allow copying; print it, or select the table and press Ctrl+C";
}

// Letters.
messages! {
    OUTBOX: "待发邮件", "Outgoing e-mail";
    OUTBOX_NOTE: "提醒邮件由系统自动发出，失败后隔一段时间再试；连试 10 次仍不成功的，在这里等您排除原因后重新发送。这里不显示邮件内容。", "Notices leave by themselves and are tried again after a while. After ten failures they wait here until you have mended the cause and send them again. Their text is not shown.";
    OUTBOX_NONE: "没有邮件。", "No letters.";
    OUTBOX_NONE_DEAD: "没有未能送达的邮件。", "No letter has failed.";
    OUTBOX_NONE_PENDING: "没有等待发送的邮件。", "No letter is waiting.";
    OUTBOX_NONE_DELIVERED: "还没有发出过邮件。", "No letter has left yet.";
    OUTBOX_WHO: "人员在“我的”中填写邮箱并勾选后，提醒才会同时发邮件；发信服务器由运行维护人员配置。", "Notices are sent by e-mail once a person has entered an address under “My account” and asked for it; the mail server is set by those who run the system.";
    LETTER_DEAD: "未能送达", "Failed";
    LETTER_PENDING: "等待发送", "Waiting";
    LETTER_RETRIED: "稍后再试", "To be tried again";
    LETTER_DELIVERED: "已发出", "Sent";
    LETTER_WHAT: "内容", "What";
    LETTER_EMAIL: "提醒邮件", "Notice by e-mail";
    LETTER_OTHER: "其他消息", "Other message";
    LETTER_WRITTEN: "写成时间", "Written";
    LETTER_ATTEMPTS: "已试次数", "Attempts";
    LETTER_NEXT: "下次发送", "Next try";
    REPLAY: "重新发送", "Send again";
    REPLAYED: "已重新排队，马上发送", "Queued again, to be sent now";
    SERVER_SAID: "原话：{0}", "In its words: {0}";
    CAUSE_SLOW: "邮件服务器没有及时回应", "The mail server did not answer in time";
    CAUSE_UNREACHABLE: "连不上邮件服务器，请检查网络和服务器地址", "The mail server can't be reached; check the network and its address";
    CAUSE_CERTIFICATE: "邮件服务器的证书不被信任", "The mail server's certificate is not trusted";
    CAUSE_SIGN_IN: "邮件服务器不接受登录，请检查发信账号和密码", "The mail server refused the sign-in; check the account and password";
    CAUSE_ADDRESS: "收件地址无效，请本人在“我的”中改正", "The address is not valid; its owner corrects it under “My account”";
    CAUSE_OTHER: "邮件服务器拒收", "The mail server refused the letter";
}

// Feedback.
messages! {
    FEEDBACK: "意见反馈", "Feedback";
    FEEDBACK_NOTE: "本市人员对平台本身的意见。答复后，提出的人会收到提醒。", "What people of this city say of the platform itself. Who sent it gets your answer as a notice.";
    FEEDBACK_NONE: "没有意见反馈。", "No feedback.";
    FEEDBACK_OPEN: "待答复", "To answer";
    FEEDBACK_ANSWERED: "已答复", "Answered";
    FEEDBACK_FROM: "{0} · {1} · {2}", "{0} · {1} · {2}";
    FEEDBACK_PAGE: "页面：{0}", "Page: {0}";
    FEEDBACK_ANSWER: "答复", "Answer";
    FEEDBACK_ANSWER_OF: "{0}答复：{1}", "{0} answered: {1}";
    FEEDBACK_TOLD: "已答复，提出的人会收到提醒", "Answered; who sent it is told";
}

// Audit.
messages! {
    AUDIT: "审计日志", "Audit log";
    AUDIT_SUB: "谁、何时、从何处、做了什么；只记操作，不含业务内容。", "Who did what, when and from where; acts only, no contents.";
    ALL_ACTS: "全部操作", "All acts";
    AUDIT_SUBJECT: "对象", "Subject";
    AUDIT_NONE: "还没有操作记录。", "Nothing was recorded yet.";
    AUDIT_NONE_FILTERED: "没有符合条件的记录。放宽或清除筛选条件。", "No entry fits. Widen or clear the filters.";
    CLEAR_FILTERS: "清除筛选", "Clear filters";
    ADDRESS: "来源地址", "Address";
    HASH: "校验值", "Hash";
    SEALED: "已封存", "Sealed";
    NOT_SEALED: "待封存", "Not sealed yet";
    ON_BEHALF_OF: "代{0}办理", "On behalf of {0}";
    CHAIN: "记录链", "Chain of records";
    CHAIN_WHOLE: "上次校验完好", "Whole at the last check";
    CHAIN_WHOLE_NOW: "刚刚校验，全部完好", "Checked just now: whole";
    CHAIN_BROKEN: "记录链有异常", "The chain is broken";
    CHAIN_BROKEN_WHAT: "有记录在写入之后被改动或删除。请立即停止一切人工修改，保留现场和备份，并报告主管部门。", "Something was changed or removed after it was recorded. Stop all manual changes at once, keep the system and its backups as they are, and report it.";
    CHAIN_BROKEN_WHERE: "位置：{0}", "Where: {0}";
    FAULT_AT_EVENT: "记录 {0}（所在链第 {1} 条）", "Entry {0} (no. {1} of its chain)";
    FAULT_AT_MATTER: "事项 {0}", "Matter {0}";
    FAULT_AT_SEAL: "第 {0} 次封存", "Seal {0}";
    FAULT_CONTENT: "内容与校验值不符", "its content does not fit its hash";
    FAULT_GAP: "之前缺少第 {0} 条", "no. {0} is missing before it";
    FAULT_ORDER: "与前一条不相连", "it does not follow the one before it";
    FAULT_ENDS: "记录止于第 {0} 条，应止于第 {1} 条", "its history ends at no. {0}, but should end at no. {1}";
    FAULT_COUNT: "应有 {0} 条记录，现有 {1} 条", "it covers {0} entries, {1} are there";
    FAULT_UNDER_SEAL: "封存的记录被改动过", "the entries under it were changed";
    FAULT_SIGNATURE: "签名不是本系统的", "its signature is not this installation's";
    FAULT_SEAL_MISSING: "缺失", "missing";
    FAULT_OTHER: "请由技术人员在服务器上运行 liandong verify 查看详情", "have a technician run liandong verify on the server for the details";
    CHAIN_EVENTS: "记录", "Entries";
    CHAIN_EVENTS_OF: "{0} 条，其中 {1} 条待封存", "{0}, of which {1} are not sealed yet";
    CHAIN_SEALS: "封存", "Seals";
    CHAIN_LAST: "{0} 次，最近 {1}", "{0}, last {1}";
    CHAIN_ROOT: "最近根值", "Last root";
    VERIFY_NOW: "立即校验", "Verify now";
    VERIFYING: "正在校验…", "Verifying …";
    SEALS: "封存记录", "Seals";
    SEALS_WHAT: "系统每分钟把新增的记录封存一次：算出共同的校验值，与前一次相连并签名。", "Once a minute the new records are sealed: hashed together, tied to the seal before, and signed.";
    SEALS_WHO: "导出封存需要审计管理员。", "The audit administrator exports seals.";
    SEALS_LIST: "查看封存记录", "See the seals";
    SEALS_NONE: "还没有封存。", "No seals yet.";
    SEALS_NONE_WHY: "有新记录后一分钟内自动封存，不需要人工操作。", "They are made by themselves within a minute of a new record.";
    SEAL_NUMBER: "编号", "Number";
    SEAL_N: "第 {0} 号", "No. {0}";
    SEAL_EVENTS: "记录数", "Entries";
    SEAL_ROOT: "根值", "Root";
    SEAL_PREVIOUS: "前一根值", "Root before";
    SEALS_EXPORT: "导出封存", "Export seals";
    SEALS_FOR: "导出的封存要保存在系统之外，例如刻盘交档案室或另一单位保管。日后用它核对，就能发现任何人（包括掌握服务器的人）改过的历史记录。", "Keep exported seals outside the system, such as on a disc in the archive or with another unit. Checked against them, any rewriting of the past shows, even by someone who holds the server.";
    SEALS_HOW: "文件只含校验值和签名，不含业务内容；核对命令：liandong verify --seals 文件名。每次导出记入审计日志。", "The file holds hashes and signatures, no contents. To check: liandong verify --seals FILE. Each export is recorded in the audit log.";
    SEALS_AFTER: "从第几号之后开始", "After number";
    SEALS_AFTER_HINT: "留空则导出全部；上次已经导出的不必再导", "Empty for all; what an earlier export has need not be fetched again";
    SEALS_DOWNLOAD: "导出", "Export";
    SEALS_EXPORTING: "正在导出…", "Exporting …";
    SEALS_EXPORTED: "已导出，请移到系统之外保存", "Exported; now keep the file outside the system";
}

// Working calendar.
messages! {
    CALENDAR: "工作日历", "Working calendar";
    CALENDAR_EDITION: "日历版本 {0}", "Calendar edition {0}";
    CALENDAR_EMPTY: "还没有日历。请系统管理员导入国务院办公厅公布的放假安排。", "No calendar yet. The system administrator loads the announced days off.";
    CALENDAR_KEEPER: "日历由系统管理员维护；发现有误请联系。", "The calendar is kept by the system administrator.";
    YEAR: "年份", "Year";
    YEAR_N: "{0} 年", "{0}";
    MONTH_N: "{0} 月", "Month {0}";
    MON: "一", "Mo";
    TUE: "二", "Tu";
    WED: "三", "We";
    THU: "四", "Th";
    FRI: "五", "Fr";
    SAT: "六", "Sa";
    SUN: "日", "Su";
    ANNOUNCED: "已公布", "Announced";
    PROVISIONAL: "暂定", "Provisional";
    PROVISIONAL_NOTE: "国务院办公厅尚未公布本年度放假安排，只计法定节假日和周末；以此算出的到期日为暂定，公布后自动重算并列出变动。", "The days off of this year are not announced; only statutory days and weekends count. Due dates counted so are provisional and are recomputed later.";
    N_WORKING_DAYS: "全年 {0} 个工作日", "{0} working days";
    HOLIDAY: "放假", "Day off";
    MAKE_UP: "调休上班", "Make-up workday";
    MAKE_UP_FOR: "{0}调休上班", "Make-up workday for {0}";
    WEEKEND: "周末", "Weekend";
    OFF_SHORT: "休", "off";
    WORK_SHORT: "班", "on";
    DAYS_OFF: "日期", "Days";
    CALENDAR_WAYS: "日历与新版", "The calendar and a new edition";
    CALENDAR_LOOK: "现行日历", "In force";
    CALENDAR_NOTICE: "录入放假通知", "Enter a notice";
    CALENDAR_FILE: "粘贴或上传文件", "Paste or upload a file";
    NOTICE_NOTE: "照国务院办公厅的通知逐个假期填写，只替换这一年，其他年份不变。先预览哪些事项的到期日会变动，再决定是否启用；启用后可以撤销。", "Holiday by holiday, as the State Council's notice has them; only this year is replaced. See first which due dates would move, then decide; it can be undone.";
    NOTICE_AS_TYPED: "{0} 年（按已填内容）", "{0} as typed";
    NOTICE_COUNTS: "放假 {0} 天，调休上班 {1} 天，全年 {2} 个工作日", "{0} days off, {1} make-up working days, {2} working days in the year";
    NOTICE_AFRESH: "重新填写", "Start over";
    EDITION_FILE_NOTE: "文件含全部年份，替换整个日历。先预览哪些事项的到期日会变动，再决定是否启用；启用后可以撤销。", "The file holds all years and replaces the whole calendar. See first which due dates would move, then decide; it can be undone.";
    EDITION_JSON: "日历内容（JSON）", "Calendar (JSON)";
    EDITION_UNREADABLE: "内容不是有效的 JSON，请检查括号和引号", "This is not valid JSON; check brackets and quotes";
    SEE_WHAT_MOVES: "预览变动", "See what moves";
    APPLY_EDITION: "启用并重算", "Apply and recompute";
    UNDO_EDITION: "撤销启用", "Undo";
    EDITION_STATE: "版本 {0}：{1}。", "Edition {0}: {1}.";
    EDITION_PREVIEWED: "预览，尚未启用", "previewed, not in force";
    EDITION_APPLIED: "已启用", "in force";
    EDITION_UNDONE: "已撤销", "undone";
    NOTHING_MOVES: "没有到期日变动。", "No due date moves.";
    N_MOVE: "{0} 个到期日变动，按承办单位列出。", "{0} due dates move, by holding unit.";
    HOLDER_MOVES: "{0} · {1} 件", "{0} · {1}";
    NO_HOLDER: "无承办单位", "No holder";
    OLD_DUE: "原到期日", "Due before";
    NEW_DUE: "新到期日", "Due now";
    DAYS_LATER: "晚 {0} 天", "{0} d later";
    DAYS_EARLIER: "早 {0} 天", "{0} d earlier";
}

// Deadline calculator.
messages! {
    CALCULATOR: "期限计算器", "Deadline calculator";
    CALC_SUB: "与系统时限同一套算法；每一步写明依据，可打印附卷。", "The same counting as the system's clocks; each step is explained and can be printed.";
    CALC_RULE: "按哪项时限计算", "Which time limit";
    CALC_RULE_HINT: "输入名称选择，自动填好下面各项；不选则自行填写", "Choose by name to fill the form; or leave empty and fill it yourself";
    CALC_DIRECTION: "方向", "Direction";
    CALC_AFTER: "从某日往后算", "On from a day";
    CALC_BEFORE: "从某日往前算", "Back from a day";
    CALC_START: "起算日", "Runs from";
    CALC_EVENT: "事件日", "Day of the event";
    CALC_ZONE: "北京时间", "Beijing time";
    CALC_AMOUNT: "期限", "Amount";
    CALC_UNIT: "计算单位", "Counted in";
    UNIT_NATURAL_DAYS: "自然日", "Natural days";
    UNIT_WORKING_DAYS: "工作日", "Working days";
    UNIT_MONTHS: "个月", "Months";
    UNIT_YEARS: "年", "Years";
    UNIT_HOURS: "小时", "Hours";
    CALC_FIRST_DAY: "起算当日计入", "The first day counts";
    CALC_ROLLS: "最后一日遇节假日顺延", "A last day that is a day off moves on";
    CALC_PAUSES: "中止期间", "Pauses";
    CALC_ADD_PAUSE: "添加中止", "Add a pause";
    CALC_EXTENSIONS: "延长", "Extensions";
    CALC_ADD_EXTENSION: "添加延长", "Add an extension";
    CALC_COMPUTE: "计算", "Count";
    CALC_NEEDS_START: "请填写起算的日期（按小时计算时还要时间）", "Fill in the day it runs from (and the time, for hours)";
    CALC_NEEDS_AMOUNT: "期限请填 1 至 3660 的整数", "The amount is a whole number from 1 to 3660";
    CALC_NEEDS_PAUSE: "中止的起止日期都要填写", "Fill in both ends of each pause";
    CALC_NEEDS_EXTENSION: "延长请填整数", "An extension is a whole number";
    CALC_BEFORE_ANSWER: "填好左边，到期日和每一步算法会显示在这里。", "Fill in the form; the due date and each step show here.";
    CALC_DUE: "到期日", "Due";
    CALC_LATEST: "最迟", "At the latest";
    CALC_ASKED: "自 {0} 起，{1} {2}", "From {0}, {1} {2}";
    SOURCE_READ: "已核对条文", "Clause was read";
    SOURCE_AGREED: "约定时限", "Agreed limit";
    SOURCE_UNCHECKED: "依据待核", "Basis not checked";
    RULE_WHO: "由谁", "Who";
    RULE_STARTS: "起算", "Runs from";
    RULE_ENDS: "终止", "Ends with";
    RULE_COUNTING: "算法依据", "Counted by";
    RULE_PAUSABLE: "可中止", "May pause for";
    RULE_EXTENSION: "可延长", "May be extended";
    RULE_URGENT: "紧急情形", "When urgent";
    RULE_CONSEQUENCE: "逾期后果", "If missed";
    RULE_NOTE: "说明", "Note";
}

// Conservation check.
messages! {
    CONSERVATION: "守恒检查", "Conservation check";
    CONSERVATION_AS_OF: "{0} 检查 {1} 件在办事项", "{1} open matters checked at {0}";
    CONSERVATION_FINE: "{0} 件在办事项全部正常：每件都有一个承办单位、有效的时限和送达的提醒。", "All {0} open matters are in order: each has one holder, a live clock and delivered notices.";
    CONSERVATION_FAULTS: "{0} 处异常", "{0} faults";
    CONSERVATION_WHAT: "问题", "What is wrong";
    CONSERVATION_RULE: "规则", "Rule";
    CONSERVATION_NOTE: "系统每天自动检查；发现异常请联系系统管理员，不要自行改动。", "Checked every day; tell the system administrator of any fault.";
    CHECK_AGAIN: "重新检查", "Check again";
}

// Oneself.
messages! {
    PROFILE: "我的", "My account";
    ACTING_FOR: "可以代理", "May act for";
    OWN_DATA_NOTE: "姓名、单位和角色由管理员维护；有误请联系本市的系统管理员。", "Name, unit and roles are kept by the administrators; tell them if something is wrong.";
    LANGUAGE: "语言", "Language";
    CHANGE_PASSWORD: "修改密码", "Change the password";
    CURRENT_PASSWORD: "当前密码", "Current password";
    NEW_PASSWORD: "新密码", "New password";
    NEW_PASSWORD_AGAIN: "再次输入新密码", "New password again";
    PASSWORD_HINT: "至少 12 位，不能是常见密码或包含用户名", "At least 12 characters, not a common one, without the user name";
    PASSWORDS_DIFFER: "两次输入的新密码不一致", "The two new passwords differ";
    PASSWORD_CHANGED: "密码已修改，其他登录已下线", "The password was changed; other sessions were ended";
    SECOND_FACTOR: "动态口令", "One-time codes";
    SECOND_FACTOR_NOTE: "登录时除密码外再输入六位动态口令，账号更安全。", "A six-digit code beside the password makes the account safer.";
    SECOND_FACTOR_ON: "动态口令已启用，下次登录时需要输入。", "One-time codes are on; the next sign-in asks for one.";
    SECOND_FACTOR_RENEW: "更换验证器", "Another authenticator";
    SECOND_FACTOR_SET_UP: "启用动态口令", "Set up one-time codes";
    SIGN_OUT_EVERYWHERE: "全部下线", "Sign out everywhere";
    NO_SESSIONS: "没有登录会话。", "No sessions.";
    UNKNOWN_DEVICE: "未知设备", "Unknown device";
    THIS_SESSION: "本次登录", "This one";
    SESSION_LINE: "{0} 登录 · 最近 {1} · {2}", "Since {0} · last {1} · {2}";
    NO_DELEGATIONS: "没有代理。外出时可以指定本单位一人代为办理。", "No deputies. When away, name someone of your unit to act for you.";
    DELEGATION_NOTE: "代理人在起止日期内可以代您办理，记录注明“代您办理”；最长 180 天，随时可以结束。", "Between the two days the deputy may act for you, recorded as on your behalf; at most 180 days, ended at any time.";
    DELEGATION_LINE: "{0} → {1}", "{0} → {1}";
    DELEGATION_MISSING: "请选择代理人和起止日期", "Choose the deputy and both days";
    DEPUTY: "代理人", "Deputy";
    DELEGATE: "设置代理", "Name the deputy";
    END_DELEGATION: "结束代理", "End";
    IN_FORCE: "生效中", "In force";
    NOT_IN_FORCE: "未生效", "Not in force";
}
