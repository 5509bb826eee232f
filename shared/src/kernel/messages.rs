//! All sentences of the interface in both languages. A sentence without one of the two does not compile.

use super::text::Message;

macro_rules! messages {
    ($($name:ident: $zh:literal, $en:literal;)*) => {
        $(pub const $name: Message = Message { zh: $zh, en: $en };)*
    };
}

messages! {
    PRODUCT: "府检联动", "Liandong";
    LAMP_OVERDUE_DAYS: "超期 {0} 天", "{0} d overdue";
    LAMP_LEFT_DAYS: "剩 {0} 天", "{0} d left";
    LAMP_LEFT_WORKING_DAYS: "剩 {0} 个工作日", "{0} working d left";
    LAMP_TODAY: "今天到期", "Due today";
    LAMP_STANDING: "长期", "Standing";

    // Lamps and dates
    LAMP_OVERDUE_HOURS: "超期 {0} 小时", "{0} h overdue";
    LAMP_LEFT_HOURS: "剩 {0} 小时", "{0} h left";
    LAMP_PAUSED: "已暂停", "Paused";
    LAMP_PAUSED_FOR: "已暂停 · {0}", "Paused · {0}";

    // What failed, and what to do
    OFFLINE_WORDS: "连不上服务器", "The server can't be reached";
    OFFLINE_WHAT: "请检查网络；已填写的内容保存在本机，恢复后可以继续", "Check the network; what you typed is kept in this browser";
    UNREADABLE_WORDS: "服务器的回答无法识别", "The server's answer could not be read";
    NOT_FOUND_WHAT: "链接可能有误，或事项不在您的可见范围内", "The link may be wrong, or the matter is not visible to you";
    FORBIDDEN_WHAT: "如需办理，请与本单位负责人或系统管理员联系", "If you need it, ask your unit head or the administrator";
    FAILED_WHAT: "请稍后重试；如一直出错，请把下面的编号告诉系统管理员", "Try again shortly; if it keeps failing, give the number below to your administrator";
    REQUEST_ID: "请求编号 {0}", "Request {0}";
    TRY_AGAIN: "重试", "Try again";
    TO_HOME: "回到工作台", "Back to home";
    NOT_FOUND_TITLE: "没有这个页面", "There is no such page";
    LOADING: "正在读取", "Loading";
    OPENING: "正在打开…", "Opening…";

    // The frame
    PRODUCT_FULL: "府检联动工作平台", "Liandong";
    PRODUCT_LINE: "政府与检察机关的协同办理", "Government and procuratorate, one desk";
    GATE_NOTE: "本平台不得存储、处理、传输涉密信息", "No classified information may be kept or sent on this platform";
    SKIP: "跳到正文", "Skip to content";
    SEARCH: "搜索", "Search";
    SEARCH_PLACEHOLDER: "搜索事项、编号、企业名称…", "Search matters, numbers, companies…";
    NOTICES_UNREAD: "提醒，{0} 条未读", "Notices, {0} unread";
    PROFILE: "个人设置", "Profile";
    SIGN_OUT: "退出登录", "Sign out";
    MAIN_NAVIGATION: "主导航", "Main";
    NAV_HOME: "工作台", "Home";
    NAV_INBOX: "我的事项", "My matters";
    NAV_OVERVIEW: "数据总览", "Overview";
    NAV_OVERVIEW_SHORT: "总览", "Overview";
    NAV_ME: "我的", "Me";
    NAV_LIAISON: "联络", "Liaison";
    NAV_WORK_ITEMS: "工作清单", "Work items";
    NAV_WORK_LISTS: "年度清单", "Yearly lists";
    NAV_IMPORT: "导入表格", "Import";
    NAV_CALCULATOR: "期限计算器", "Deadline calculator";
    NAV_ADMINISTRATION: "管理", "Administration";
    NAV_ADMIN: "单位与人员", "Units and people";
    NAV_CALENDAR: "日历", "Calendar";
    NAV_AUDIT: "审计日志", "Audit log";
    NAV_CONSERVATION: "守恒检查", "Conservation check";
    NEW_SHORT: "新建", "New";
    FOOT_WATERMARK: "{0} · {1}", "{0} · {1}";
    FEEDBACK_LINK: "对系统提意见", "Tell us about this system";
    FEEDBACK_QUESTION: "哪里不好用，或者希望有什么？", "What gets in your way, or what is missing?";
    FEEDBACK_HINT: "会附上当前页面的地址", "The address of this page is sent along";
    FEEDBACK_SENT: "已收到，谢谢", "Received, thank you";
    CANCEL: "取消", "Cancel";
    CLOSE: "关闭", "Close";
    SEND: "提交", "Send";
    SAVE: "保存", "Save";
    YES: "是", "Yes";
    NO: "否", "No";
    SHORTCUTS: "键盘快捷键", "Keyboard shortcuts";
    KEY_SEARCH: "搜索", "Search";
    KEY_INBOX: "我的事项", "My matters";
    KEY_HOME: "工作台", "Home";
    KEY_OVERVIEW: "数据总览", "Overview";
    KEY_ROWS: "在列表中下移、上移", "Next and previous row";
    KEY_OPEN: "打开所在的行", "Open the row";
    KEY_ESCAPE: "关闭窗口", "Close a window";
    KEY_HELP: "显示本表", "Show this list";
    ROLE_UNIT_HEAD: "单位负责人", "Unit head";
    ROLE_LIAISON_OFFICER: "联络员", "Liaison officer";
    ROLE_HANDLER: "承办人", "Handler";
    ROLE_COMMISSIONER: "府检联动专员", "Commissioner";
    ROLE_COORDINATOR: "联动办协调员", "Coordinator";
    ROLE_PROSECUTOR: "检察官", "Prosecutor";
    ROLE_PROSECUTOR_ASSISTANT: "检察助理员", "Prosecutor assistant";
    ROLE_MEDIATOR: "调解员", "Mediator";
    ROLE_SYSTEM_ADMIN: "系统管理员", "System administrator";
    ROLE_SECURITY_ADMIN: "安全管理员", "Security administrator";
    ROLE_AUDIT_ADMIN: "审计管理员", "Audit administrator";

    // Sign-in
    SIGN_IN: "登录", "Sign in";
    USERNAME: "用户名", "User name";
    USERNAME_HINT: "单位代码.角色，由系统管理员发放", "Given to you by the administrator";
    PASSWORD: "密码", "Password";
    OTP: "动态口令", "One-time code";
    SIGN_IN_MISSING: "请填写用户名和密码", "Enter your user name and password";
    SESSION_EXPIRED: "登录已到期，请重新登录；未提交的内容仍保存在本机", "Your session ended; sign in again. What you had typed is kept in this browser";
    CHANGE_PASSWORD: "修改密码", "Change password";
    CHANGE_PASSWORD_WHY: "{0}（{1}），首次登录请设置只有您知道的密码", "{0} ({1}), set a password only you know";
    PASSWORD_CURRENT: "现在的密码", "Present password";
    PASSWORD_NEW: "新密码", "New password";
    PASSWORD_AGAIN: "再输一次新密码", "New password again";
    PASSWORD_RULE: "至少 12 位，可以是一句话", "At least 12 characters; a sentence will do";
    PASSWORDS_DIFFER: "两次输入的新密码不一致", "The two new passwords differ";
    PASSWORD_CHANGED: "密码已修改", "Password changed";

    // Forms and values
    YUAN: "{0} 元", "CNY {0}";
    YUAN_UNIT: "元", "yuan";
    N_FILES: "{0} 个附件", "{0} files";
    N_ROWS: "{0} 项", "{0} rows";
    N_OPEN: "在办 {0} 件", "{0} open";
    N_FAULTS: "有 {0} 处需要修改", "{0} points to mend";
    EVERY_WEEK: "每周", "Weekly";
    EVERY_MONTH: "每月", "Monthly";
    EVERY_QUARTER: "每季度", "Quarterly";
    EVERY_HALF_YEAR: "每半年", "Half-yearly";
    EVERY_YEAR: "每年", "Yearly";
    ON_DAY: "{0}日", "on day {0}";
    ON_LAST_DAY: "最后一天", "on the last day";
    RECURS: "周期", "Recurs";
    RECURS_DAY: "日期", "Day";
    OPTIONAL: "选填", "optional";
    CHOOSE: "请选择", "Choose";
    PLEASE_CHOOSE: "请选择", "Please choose";
    PLEASE_FILL: "请填写", "Please fill in";
    LIMIT_CHARACTERS: "请写 {0} 至 {1} 字", "{0} to {1} characters";
    LIMIT_NUMBER: "请填 {0} 至 {1} 的整数", "A whole number from {0} to {1}";
    UNIT_PLACEHOLDER: "输入单位简称、全称或代码", "Type a name or code";
    UNITS: "单位", "Units";
    NO_UNIT_FITS: "没有匹配的单位", "No unit fits";
    REMOVE_X: "移除 {0}", "Remove {0}";
    ONE_A_LINE: "一行一项，最多 {0} 项", "One a line, at most {0}";
    SAVE_DRAFT_FIRST: "先保存草稿，再添加附件", "Save the draft first, then add files";
    ADD_ROW: "添加一项", "Add a row";
    REMOVE_ROW: "删除此项", "Remove this row";

    // Lists
    SHOWN_SO_FAR: "已显示 {0} 条", "{0} shown";
    SHOWN_ALL: "共 {0} 条，已全部显示", "All {0} shown";
    LOAD_MORE: "显示更多", "Show more";
    BOX_TODO: "待办", "To do";
    BOX_CC: "待阅", "For information";
    BOX_MINE: "我发起", "Started by us";
    BOX_DONE: "已办", "Done";
    BOX_DRAFTS: "草稿", "Drafts";
}
