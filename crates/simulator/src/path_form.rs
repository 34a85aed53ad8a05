//! Paths with ids, and the forms that have names in their place: `/v2/ORDER-1/status` is of `/v2/{id}/status`.

/// An id is never empty.
pub(crate) fn is_of_form(path: &str, form: &str) -> bool {
    let (mut parts, mut forms) = (path.split('/'), form.split('/'));
    loop {
        match (parts.next(), forms.next()) {
            (None, None) => return true,
            (Some(part), Some(form))
                if part == form || (form.starts_with('{') && !part.is_empty()) => {}
            _ => return false,
        }
    }
}
