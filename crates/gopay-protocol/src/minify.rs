//! The minified form of a JSON body, over which signatures are computed.

/// Drops whitespace outside strings and keeps every other byte: key order, escapes,
/// number spellings and spaces inside strings stay as they are.
///
/// Works on bytes and never fails; of a body that is not JSON the result has no meaning. Parsing
/// and writing again is lossy (`10000.00` becomes `10000`, `\/` becomes `/`), so a signature over
/// the one does not match the other. [`body_hashes`](crate::signature::body_hashes) has both.
pub fn minify(json: &[u8]) -> Vec<u8> {
    let mut minified = Vec::with_capacity(json.len());
    let mut in_string = false;
    let mut escaped = false;
    for &byte in json {
        if in_string {
            in_string = escaped || byte != b'"';
            escaped = !escaped && byte == b'\\';
        } else if matches!(byte, b' ' | b'\t' | b'\n' | b'\r') {
            continue;
        } else {
            in_string = byte == b'"';
        }
        minified.push(byte);
    }
    minified
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signature::body_hash;

    /// V-6, after those in `tests/vectors.rs`: derived, not published.
    const INPUT: &str = r#"{"a":"x y","u":"https://h/p","q":"\"z\"","e":{},"l":[1, 2]}"#;

    #[test]
    fn only_whitespace_outside_strings_goes() {
        assert_eq!(
            minify(INPUT.as_bytes()),
            INPUT.replace("[1, 2]", "[1,2]").as_bytes()
        );
        assert_eq!(
            body_hash(INPUT.as_bytes()),
            "0675ebc818c127d6f9081c99f6663424e25877e9da7b5d6b826add44b244e971"
        );
    }

    #[test]
    fn escapes_and_number_spellings_are_kept() {
        let input = r#"{ "a" : "\\" , "b" : "\u00e9\/ \\\" " , "c" : 10000.00 }"#;
        assert_eq!(
            minify(input.as_bytes()),
            br#"{"a":"\\","b":"\u00e9\/ \\\" ","c":10000.00}"#
        );
    }

    #[test]
    fn a_compact_body_is_untouched() {
        let compact = br#"{"a":[1,{"b":"c d"}]}"#;
        assert_eq!(minify(compact), compact);
    }
}
