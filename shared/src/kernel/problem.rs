//! The catalogue of problems (RFC 9457). Every error the API gives has one of these codes; the server maps a code to its
//! status, the client to its text. Codes are stable: they are added, never renamed.

use crate::kernel::text::Message;
use serde::{Deserialize, Serialize};

macro_rules! problems {
    ($($name:ident = $code:literal, $status:literal, $zh:literal, $en:literal;)*) => {
        /// A stable problem code.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Code { $($name),* }

        impl Code {
            pub const ALL: &'static [Self] = &[$(Self::$name),*];
            pub const fn as_str(self) -> &'static str { match self { $(Self::$name => $code),* } }
            /// HTTP status (RFC 9110, RFC 6585).
            pub const fn status(self) -> u16 { match self { $(Self::$name => $status),* } }
            pub const fn message(self) -> Message {
                match self { $(Self::$name => Message { zh: $zh, en: $en }),* }
            }
            pub fn parse(code: &str) -> Option<Self> { match code { $($code => Some(Self::$name),)* _ => None } }
        }
    };
}

problems! {
    Malformed = "request.malformed", 400, "请求内容无法识别，请刷新后重试", "The request could not be read; reload and try again";
    CursorInvalid = "page.cursor_invalid", 400, "翻页标记无效，请从第一页重新查看", "This page marker is not valid; start from the first page";
    LimitOutOfRange = "page.limit_out_of_range", 400, "每页条数应在1至200之间", "A page holds 1 to 200 entries";
    QueryInvalid = "request.query_invalid", 400, "筛选条件无效", "A filter is not valid";
    SignInRequired = "auth.required", 401, "请先登录", "Sign in first";
    TokenInvalid = "auth.token_invalid", 401, "登录状态已失效，请重新登录", "Your session is no longer valid; sign in again";
    CredentialsInvalid = "auth.credentials_invalid", 401, "用户名或密码不正确", "User name or password is wrong";
    OtpRequired = "auth.otp_required", 401, "请输入动态口令", "Enter the one-time code";
    RefreshReused = "auth.refresh_reused", 401, "检测到登录凭据被重复使用，已全部下线，请重新登录并修改密码", "A sign-in token was used twice; all sessions were ended. Sign in again and change your password";
    PasswordChangeRequired = "auth.password_change_required", 403, "请先修改初始密码", "Change the issued password first";
    OtpSetupRequired = "auth.otp_setup_required", 403, "管理员须先启用动态口令", "Administrators must set up one-time codes first";
    PermissionDenied = "permission.denied", 403, "您的角色不能办理此操作", "Your role may not do this";
    OriginForbidden = "request.origin_forbidden", 403, "请求来源不被允许", "This origin is not allowed";
    NotFound = "not_found", 404, "没有找到，或您无权查看", "Not found, or not visible to you";
    MethodNotAllowed = "request.method_not_allowed", 405, "不支持的请求方式", "This method is not supported here";
    ActionUnavailable = "workflow.action_unavailable", 409, "当前不能办理此操作", "This action is not available now";
    ChildBlocked = "workflow.child_blocked", 409, "下级事项现在还不能这样办理", "One of the matters below can't take this step now";
    GuardFailed = "workflow.guard_failed", 409, "条件尚未满足", "A condition is not met yet";
    AlreadyReceived = "handover.already_received", 409, "该移交已签收", "This hand-over was already received";
    RefusalExhausted = "handover.refusal_exhausted", 409, "已经裁定，不能再退回", "After a ruling it can't be refused";
    RefusalTooLate = "handover.refusal_too_late", 409, "已超过退回期限，请向联动办说明", "The time to refuse is over; ask the linkage office";
    AlreadyOverdue = "clock.already_overdue", 409, "已过完成时限，不能再申请延期", "It is past due; an extension can't be asked for";
    AskLapsed = "ask.lapsed", 409, "反馈期限已过，不能再反馈", "The time to answer is over";
    Duplicate = "duplicate.matter", 409, "已有相同的事项", "The same matter already exists";
    RoleConflict = "role.conflict", 409, "这些角色不能由同一人担任", "These roles can't be held by one person";
    UnitHasOpenMatters = "unit.has_open_matters", 409, "该单位还有在办事项，请先移交", "The unit still holds open matters; hand them over first";
    TooManyRows = "export.too_many_rows", 409, "一次最多导出20000行，请缩小筛选范围", "An export holds 20,000 rows at most; narrow the filter";
    TooManyViews = "saved_view.too_many", 409, "最多保存200个筛选，请先删除不用的", "At most 200 filters are kept; remove some first";
    ImportCommitted = "import.already_committed", 409, "该表已经导入", "This sheet was already imported";
    ImportEmpty = "import.nothing_to_commit", 409, "没有可导入的行", "There is no row to import";
    IdempotencyAnswerLost = "idempotency.answer_lost", 409, "该请求已经办成，但结果未能保存，请刷新查看", "This was already done, but its answer was not kept; reload to see it";
    UsernameTaken = "user.username_taken", 409, "用户名已被使用", "This user name is taken";
    FirstPasswordPending = "user.first_password_pending", 409, "此人尚未修改初始密码，暂不能授予管理角色", "This person has not changed the first password yet: no administration can be given";
    DossierTooLarge = "dossier.too_large", 409, "卷宗超过500 MB，请分别下载附件", "The dossier is over 500 MB; download the attachments one by one";
    SystemFrozen = "system.restoring", 409, "系统正在恢复数据", "The system is being restored";
    VersionStale = "version.stale", 412, "该事项已被他人更新", "Someone changed this in the meantime";
    BodyTooLarge = "request.too_large", 413, "内容超过大小限制", "The content is too large";
    MediaTypeUnsupported = "request.unsupported_media_type", 415, "不支持的内容类型", "This content type is not supported";
    RangeUnsatisfiable = "request.range_unsatisfiable", 416, "请求的范围超出文件长度", "The range asked for is beyond the end of the file";
    Required = "validation.required", 422, "必填", "Required";
    Length = "validation.length", 422, "长度不符合要求", "The length is out of bounds";
    Enumeration = "validation.enum", 422, "不在可选范围内", "Not one of the choices";
    Range = "validation.range", 422, "数值超出范围", "The value is out of range";
    Format = "validation.format", 422, "格式不正确", "The format is wrong";
    WrongType = "validation.type", 422, "类型不正确", "The type is wrong";
    DateOrder = "validation.date_order", 422, "日期先后不正确", "The dates are in the wrong order";
    DayOutsideYear = "calendar.outside_year", 422, "不是这一年的日期（元旦假期可从上年12月开始）", "Not a day of that year (New Year's may begin in December before)";
    DayNoWeekend = "calendar.no_weekend", 422, "调休上班日应是周六或周日", "A make-up working day is a Saturday or a Sunday";
    DayTwice = "calendar.day_twice", 422, "这一天已在别处列出", "This day is listed elsewhere already";
    HolidayTooLong = "calendar.holiday_too_long", 422, "一个假期不会这么长，请核对日期", "No holiday is that long; check the dates";
    UnknownField = "validation.unknown_field", 422, "不认识的字段", "Unknown field";
    UnknownUnit = "validation.unknown_unit", 422, "没有这个单位", "Unknown unit";
    UnknownUser = "validation.unknown_user", 422, "没有这个人员", "Unknown person";
    UnknownKind = "validation.unknown_kind", 422, "没有这种事项类型", "Unknown kind of matter";
    UnknownMatter = "validation.unknown_matter", 422, "没有这个事项，或其已办结", "There is no such matter, or it is closed";
    SelfHandover = "validation.self_handover", 422, "不能移交给本单位", "It can't be handed to the same unit";
    SingleLead = "validation.single_lead", 422, "牵头单位只填一个", "Name exactly one lead unit";
    LeadInCoUnits = "validation.lead_in_co_units", 422, "责任单位中不应再列牵头单位", "The lead unit must not also be a co-unit";
    SecretMarking = "validation.secret_marking", 422, "本平台不得处理涉密内容", "Classified content is not allowed on this platform";
    ControlCharacter = "validation.control_character", 422, "含有不可见的控制字符", "Contains control characters";
    RefusalGrounds = "handover.grounds_required", 422, "以“不属本单位职责”退回时，请指明有权单位或引用职责依据", "Refusing as not your competence: name the competent unit or cite the duty list";
    ExtensionOverCap = "clock.extension_over_cap", 422, "超过可延长的上限", "Beyond the longest extension allowed";
    IdempotencyBodyDiffers = "idempotency.body_differs", 422, "同一请求编号的内容不一致", "The same idempotency key came with another body";
    IdempotencyKeyInvalid = "idempotency.key_invalid", 422, "请求编号格式不正确", "The idempotency key is not valid";
    PasswordWeak = "auth.password_weak", 422, "密码至少12位，且不能是常见密码或包含用户名", "At least 12 characters, not a common password, without the user name";
    SheetNotReadable = "import.not_a_spreadsheet", 422, "不是可识别的表格文件", "This is not a readable spreadsheet";
    SheetEncrypted = "import.encrypted", 422, "表格设有密码，请去除密码后再上传", "The spreadsheet is protected by a password; remove it and upload again";
    SheetEmpty = "import.empty", 422, "表格中没有数据", "The spreadsheet is empty";
    SheetTooLarge = "import.too_many_rows", 422, "表格行数过多（最多5000行）", "The spreadsheet has too many rows (5,000 at most)";
    SheetBomb = "import.decompressed_too_large", 422, "表格解压后过大", "The spreadsheet is too large when unpacked";
    NoTable = "import.no_table", 422, "没有找到表头，请检查各列标题", "No header row was found; check the column titles";
    VersionRequired = "version.required", 428, "缺少版本信息，请刷新后重试", "The version is missing; reload and try again";
    TooManyRequests = "request.too_many", 429, "操作过于频繁，请稍后再试", "Too many requests; try again shortly";
    LockedOut = "auth.locked_out", 429, "尝试次数过多，请稍后再试", "Too many attempts; try again later";
    Internal = "internal", 500, "系统出错，已记录，请稍后重试", "Something went wrong on our side; it was logged, try again later";
    Unavailable = "unavailable", 503, "系统暂时不可用，请稍后重试", "Temporarily unavailable; try again later";
}

impl Serialize for Code {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// One fault of one field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FieldError {
    /// JSON pointer (RFC 6901) into the request body, e.g. `/body/due_date`.
    pub pointer: String,
    /// A code of the catalogue.
    pub code: String,
    /// What a person needs to mend it: a limit, the nearest names.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub detail: Option<String>,
}

impl FieldError {
    pub fn new(pointer: impl Into<String>, code: Code) -> Self {
        Self { pointer: pointer.into(), code: code.as_str().into(), detail: None }
    }

    pub fn with(pointer: impl Into<String>, code: Code, detail: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), code: code.as_str().into(), detail: Some(detail.into()) }
    }
}

/// `application/problem+json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ProblemBody {
    #[serde(rename = "type")]
    pub kind: String,
    pub title: String,
    pub status: u16,
    pub code: String,
    /// The reason key of an unavailable action or failed guard, or who holds the matter.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub detail: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub errors: Vec<FieldError>,
    #[serde(default)]
    pub request_id: String,
}
