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
}
