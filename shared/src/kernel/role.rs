//! Roles 角色, permissions and parts 参与身份 (domain.md §1.3). The tables equal `data/taxonomy.json`; a test compares them.

use serde::{Deserialize, Serialize};

macro_rules! coded {
    // The code as a token of its own: the contract's derive doesn't see through a `literal`, and would publish the variants' names.
    ($(#[$doc:meta])* $name:ident { $($variant:ident = $code:tt),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        pub enum $name { $(#[serde(rename = $code)] $variant),* }

        impl $name {
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];
            /// The stable code, as on the wire and in the database.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code),* }
            }
            pub fn from_code(code: &str) -> Option<Self> {
                match code { $($code => Some(Self::$variant),)* _ => None }
            }
        }
    };
}

coded! {
    /// What a person may do in the unit; one or more per person, always in one unit.
    Role {
        UnitHead = "unit_head",
        LiaisonOfficer = "liaison_officer",
        Handler = "handler",
        Commissioner = "commissioner",
        Coordinator = "coordinator",
        Prosecutor = "prosecutor",
        ProsecutorAssistant = "prosecutor_assistant",
        Mediator = "mediator",
        SystemAdmin = "system_admin",
        SecurityAdmin = "security_admin",
        AuditAdmin = "audit_admin",
    }
}

coded! {
    /// One thing a role allows. `Scope<P>` names the permission a request needs.
    Permission {
        MatterRead = "matter.read",
        MatterCreate = "matter.create",
        MatterReceive = "matter.receive",
        MatterAssign = "matter.assign",
        MatterHandle = "matter.handle",
        MatterApprove = "matter.approve",
        MatterRefuse = "matter.refuse",
        MatterRule = "matter.rule",
        MatterUrge = "matter.urge",
        MatterSupervise = "matter.supervise",
        DocumentIssue = "document.issue",
        RecordRead = "record.read",
        RecordUnmask = "record.unmask",
        RecordExport = "record.export",
        DatasetManage = "dataset.manage",
        GrantRequest = "grant.request",
        GrantDecide = "grant.decide",
        ClueJudge = "clue.judge",
        SuggestionManage = "suggestion.manage",
        SupervisionManage = "supervision.manage",
        TransferDecide = "transfer.decide",
        CaseAssist = "case.assist",
        MediationHandle = "mediation.handle",
        MeetingManage = "meeting.manage",
        RosterPropose = "roster.propose",
        RosterConfirm = "roster.confirm",
        AssessmentScore = "assessment.score",
        PublicationSign = "publication.sign",
        StatsRead = "stats.read",
        UserManage = "user.manage",
        UnitManage = "unit.manage",
        ParameterManage = "parameter.manage",
        RoleAssign = "role.assign",
        SessionRevoke = "session.revoke",
        ClientManage = "client.manage",
        AuditRead = "audit.read",
        AuditExport = "audit.export",
    }
}

coded! {
    /// A unit's part in a matter 参与身份. A unit may have several; the strongest counts.
    Part {
        Originator = "originator",
        Holder = "holder",
        CoHandler = "co_handler",
        Copied = "copied",
        Overseer = "overseer",
    }
}

const COMMON: &[Permission] = &[
    Permission::MatterRead,
    Permission::MatterCreate,
    Permission::MatterReceive,
    Permission::MatterHandle,
    Permission::MatterUrge,
    Permission::RecordRead,
    Permission::StatsRead,
];

impl Role {
    /// Administration follows the separation of three 三员分立.
    pub const fn is_administration(self) -> bool {
        matches!(self, Self::SystemAdmin | Self::SecurityAdmin | Self::AuditAdmin)
    }

    /// The unit kinds a role may exist in; `None`: any.
    pub const fn unit_kinds(self) -> Option<&'static [&'static str]> {
        match self {
            Self::Commissioner => Some(&["government_office", "procuratorate", "justice_bureau"]),
            Self::Coordinator => Some(&["justice_bureau"]),
            Self::Prosecutor => Some(&["procuratorate"]),
            Self::ProsecutorAssistant => Some(&["bureau", "vertical_agency"]),
            Self::Mediator => Some(&["mediation_centre", "township", "subdistrict", "justice_bureau"]),
            _ => None,
        }
    }

    pub fn permissions(self) -> Vec<Permission> {
        use Permission::*;
        let (common, own): (bool, &[Permission]) = match self {
            Self::UnitHead => (
                true,
                &[
                    MatterAssign,
                    MatterApprove,
                    MatterRefuse,
                    DocumentIssue,
                    TransferDecide,
                    GrantRequest,
                    GrantDecide,
                    RosterPropose,
                    PublicationSign,
                    RecordUnmask,
                ],
            ),
            Self::LiaisonOfficer => (true, &[MatterAssign, RosterPropose, GrantRequest, RecordExport]),
            Self::Handler => (true, &[RecordUnmask, GrantRequest]),
            Self::Commissioner => (true, &[MatterAssign, RosterPropose, MeetingManage]),
            Self::Coordinator => (
                true,
                &[
                    MatterAssign,
                    MatterRule,
                    MatterSupervise,
                    DocumentIssue,
                    MeetingManage,
                    RosterConfirm,
                    AssessmentScore,
                    DatasetManage,
                    ClueJudge,
                    RecordExport,
                ],
            ),
            Self::Prosecutor => {
                (true, &[ClueJudge, SuggestionManage, SupervisionManage, DocumentIssue, RecordUnmask, GrantRequest, AssessmentScore, PublicationSign])
            }
            Self::ProsecutorAssistant => (false, &[MatterRead, CaseAssist]),
            Self::Mediator => (true, &[MediationHandle, RecordUnmask]),
            Self::SystemAdmin => (false, &[UserManage, UnitManage, ParameterManage]),
            Self::SecurityAdmin => (false, &[RoleAssign, SessionRevoke, ClientManage]),
            Self::AuditAdmin => (false, &[AuditRead, AuditExport]),
        };
        let mut all = if common { COMMON.to_vec() } else { Vec::new() };
        all.extend_from_slice(own);
        all
    }
}

/// Why a set of roles can't be held by one person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RoleConflict {
    /// Two of the three administrations.
    TwoAdministrations,
    /// An administration together with a business role.
    AdministrationWithBusiness,
    /// The role does not exist in units of this kind.
    UnitKind(Role),
}

/// No person holds two of the three administrations, nor one with business (domain.md §7, 21).
pub fn role_conflict(roles: &[Role], unit_kind: &str) -> Option<RoleConflict> {
    if let Some(role) = roles.iter().find(|role| role.unit_kinds().is_some_and(|kinds| !kinds.contains(&unit_kind))) {
        return Some(RoleConflict::UnitKind(*role));
    }
    let administrations = roles.iter().filter(|role| role.is_administration()).count();
    match administrations {
        0 => None,
        1 if roles.len() == 1 => None,
        1 => Some(RoleConflict::AdministrationWithBusiness),
        _ => Some(RoleConflict::TwoAdministrations),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn the_roles_equal_the_taxonomy() {
        let taxonomy: serde_json::Value = serde_json::from_str(include_str!("../../../data/taxonomy.json")).unwrap();
        let listed = taxonomy["roles"].as_array().unwrap();
        assert_eq!(listed.len(), Role::ALL.len());
        for entry in listed {
            let role = Role::from_code(entry["code"].as_str().unwrap()).unwrap();
            let ours: BTreeSet<_> = role.permissions().iter().map(|p| p.code()).collect();
            let theirs: BTreeSet<_> = entry["permissions"].as_array().unwrap().iter().map(|p| p.as_str().unwrap()).collect();
            assert_eq!(ours, theirs, "{}", role.code());
            let kinds: Option<Vec<_>> = entry["unit_kinds"].as_array().map(|k| k.iter().map(|k| k.as_str().unwrap()).collect());
            assert_eq!(role.unit_kinds().map(<[_]>::to_vec), kinds, "{}", role.code());
        }
    }

    #[test]
    fn three_administrators_are_three_people() {
        assert_eq!(role_conflict(&[Role::SystemAdmin], "justice_bureau"), None);
        assert_eq!(role_conflict(&[Role::SystemAdmin, Role::AuditAdmin], "justice_bureau"), Some(RoleConflict::TwoAdministrations));
        assert_eq!(role_conflict(&[Role::SystemAdmin, Role::Handler], "justice_bureau"), Some(RoleConflict::AdministrationWithBusiness));
        assert_eq!(role_conflict(&[Role::Coordinator], "bureau"), Some(RoleConflict::UnitKind(Role::Coordinator)));
    }
}
