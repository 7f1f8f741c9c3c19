//! The names of files as other tools want them.

use std::path::{Component, Path};

/// A path as seen from the folder `base`, with forward slashes; one that does not lie below
/// it stays as it is.
pub(super) fn relative(name: &str, base: &Path) -> String {
    let path = Path::new(name);
    let path = path.strip_prefix(base).unwrap_or(path);
    let mut out = String::new();
    for part in path.components() {
        match part {
            Component::CurDir => continue,
            Component::RootDir => {
                out.push('/');
                continue;
            }
            Component::Prefix(_) | Component::ParentDir | Component::Normal(_) => {}
        }
        if !out.is_empty() && !out.ends_with('/') {
            out.push('/');
        }
        out.push_str(&part.as_os_str().to_string_lossy());
    }
    out
}

/// The same as a reference of the URI syntax: relative, or `file:` where it is absolute.
pub(super) fn uri(name: &str, base: &Path) -> String {
    let path = relative(name, base);
    let mut out = String::new();
    if Path::new(&path).is_absolute() {
        out.push_str(if path.starts_with('/') { "file://" } else { "file:///" });
    }
    for byte in path.bytes() {
        // A colon in the first part of a relative reference would end a scheme.
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}
