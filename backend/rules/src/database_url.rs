//! Addresses of databases, as PostgreSQL writes them.

/// A URL without its password, and the password.
pub fn without_password(url: &str) -> (String, Option<String>) {
    let Some((scheme, rest)) = url.split_once("://") else { return (url.to_owned(), None) };
    let authority_end = rest.find(['/', '?']).unwrap_or(rest.len());
    let Some(at) = rest.get(..authority_end).and_then(|authority| authority.rfind('@')) else { return (url.to_owned(), None) };
    let (user, host) = (rest.get(..at).unwrap_or_default(), rest.get(at..).unwrap_or_default());
    match user.split_once(':') {
        Some((user, password)) => (format!("{scheme}://{user}{host}"), Some(decoded(password))),
        None => (url.to_owned(), None),
    }
}

/// Percent-decoding (RFC 3986 §2.1).
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let hex =
            (*first == b'%').then(|| after.get(..2)).flatten().and_then(|digits| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok());
        match hex {
            Some(byte) => {
                bytes.push(byte);
                rest = after.get(2..).unwrap_or_default();
            }
            None => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_stays_out_of_the_arguments() {
        assert_eq!(
            without_password("postgres://u:p%40s@h:5432/d?sslmode=require"),
            ("postgres://u@h:5432/d?sslmode=require".into(), Some("p@s".into()))
        );
        assert_eq!(without_password("postgres://u@h/d"), ("postgres://u@h/d".into(), None));
        assert_eq!(without_password("postgres:///d?host=a@b"), ("postgres:///d?host=a@b".into(), None));
    }
}
