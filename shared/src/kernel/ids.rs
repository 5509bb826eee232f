//! Identifiers. Each thing has its own type, so that a unit's id can't be passed for a user's.
//! On the wire and in the database they are UUID v7 (RFC 9562), which sort by time of creation.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};
use uuid::Uuid;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
        impl FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::from_str(text).map(Self)
            }
        }
        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self(id)
            }
        }
    )*};
}

ids! {
    /// 辖区: one city, the outer boundary. Nothing crosses it.
    JurisdictionId,
    /// 单位
    UnitId,
    /// 用户
    UserId,
    /// 事项
    MatterId,
    /// 移交
    HandoverId,
    /// 时限
    ClockId,
    /// 征询
    AskId,
    /// 流转记录
    EventId,
    /// 附件
    AttachmentId,
    /// 提醒
    NoticeId,
    /// One uploaded spreadsheet under review.
    ImportId,
    /// One export, kept for a day.
    ExportId,
}
