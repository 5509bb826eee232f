//! The language of the interface, as a context.

use super::storage;
use shared::kernel::text::{Lang, Message};
use yew::prelude::*;

#[derive(Clone, PartialEq)]
pub struct LangContext {
    pub lang: Lang,
    pub set: Callback<Lang>,
}

/// A sentence of the catalogue.
pub fn msg(message: Message, lang: Lang) -> &'static str {
    message.in_lang(lang)
}

#[hook]
pub fn use_lang() -> Lang {
    use_context::<LangContext>().map(|context| context.lang).unwrap_or_default()
}

fn first_language() -> Lang {
    storage::read("lang").unwrap_or_else(|| {
        let browser = web_sys::window().and_then(|window| window.navigator().language()).unwrap_or_default();
        if browser.starts_with("en") { Lang::En } else { Lang::Zh }
    })
}

#[derive(Properties, PartialEq)]
pub struct LangProviderProps {
    pub children: Html,
}

#[component]
pub fn LangProvider(props: &LangProviderProps) -> Html {
    let lang = use_state_eq(first_language);
    use_effect_with(*lang, |lang| {
        let root = web_sys::window().and_then(|window| window.document()).and_then(|document| document.document_element());
        if let Some(root) = root {
            let _ = root.set_attribute("lang", if *lang == Lang::Zh { "zh-CN" } else { "en" });
        }
    });
    let set = {
        let lang = lang.clone();
        Callback::from(move |next: Lang| {
            storage::write("lang", &next);
            lang.set(next);
        })
    };
    html! {
        <ContextProvider<LangContext> context={LangContext { lang: *lang, set }}>{ props.children.clone() }</ContextProvider<LangContext>>
    }
}
