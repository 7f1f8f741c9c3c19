//! Who is at the keyboard.

/// The name of the user that this process runs as; the number where it has no name.
pub fn actor() -> String {
    #[cfg(unix)]
    if let Some(name) = unix_user() {
        return name;
    }
    // Elsewhere the environment is the best witness there is.
    let named = ["USER", "USERNAME"].iter().find_map(std::env::var_os);
    named.map_or_else(|| "unknown".to_owned(), |name| name.to_string_lossy().into_owned())
}

/// The owner of this process, as the system knows it: no variable can change it.
#[cfg(unix)]
fn unix_user() -> Option<String> {
    use std::os::unix::fs::MetadataExt as _;

    let uid = std::fs::metadata("/proc/self").ok()?.uid().to_string();
    let users = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    let user = users.lines().find_map(|line| {
        let mut fields = line.split(':');
        let (name, _, number) = (fields.next()?, fields.next()?, fields.next()?);
        (number == uid).then(|| name.to_owned())
    });
    Some(user.unwrap_or(uid))
}
