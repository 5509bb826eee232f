//! Bilingual text. Chinese comes first; English is complete: there is no way to make a `Text` with one of the two.

use serde::{Deserialize, Serialize};

/// The languages of the interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum Lang {
    #[default]
    Zh,
    En,
}

impl Lang {
    /// What stands between a label and its value.
    pub const fn colon(self) -> &'static str {
        match self {
            Self::Zh => "：",
            Self::En => ": ",
        }
    }
}

/// A label of a declaration, in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Text {
    pub zh: String,
    pub en: String,
}

impl Text {
    pub fn in_lang(&self, lang: Lang) -> &str {
        match lang {
            Lang::Zh => &self.zh,
            Lang::En => &self.en,
        }
    }
}

/// Short constructor for declarations: `t("牵头单位", "Lead unit")`.
pub fn t(zh: &str, en: &str) -> Text {
    Text { zh: zh.into(), en: en.into() }
}

/// A fixed sentence of the interface. `{0}`, `{1}` … stand for arguments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Message {
    pub zh: &'static str,
    pub en: &'static str,
}

impl Message {
    /// The same as owned text, where declarations want one.
    pub fn text(&self) -> Text {
        t(self.zh, self.en)
    }
    pub const fn in_lang(&self, lang: Lang) -> &'static str {
        match lang {
            Lang::Zh => self.zh,
            Lang::En => self.en,
        }
    }

    /// The sentence with its arguments filled in.
    pub fn fill(&self, lang: Lang, arguments: &[&str]) -> String {
        let mut sentence = self.in_lang(lang).to_owned();
        for (index, argument) in arguments.iter().enumerate() {
            sentence = sentence.replace(&format!("{{{index}}}"), argument);
        }
        sentence
    }
}
