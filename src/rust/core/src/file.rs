//! Reads files that others may have written: regular ones of limited size, not through links where that matters. Writes
//! files atomically, readable by the owner only.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

/// What to do with a symbolic link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Links {
    /// Read the file that it points to.
    Follow,
    /// It is an error.
    Refuse,
}

/// Reads a regular file of at most `limit` bytes. A device, a pipe or a folder is an error, at once.
pub fn read(path: &Path, limit: u64, links: Links) -> io::Result<Vec<u8>> {
    let file = open(path, links)?;
    let metadata = file.metadata()?;
    if !metadata.is_file() {
        return Err(io::Error::other("it is not a regular file"));
    }
    let too_large = || io::Error::other(format!("it is larger than {limit} bytes"));
    if metadata.len() > limit {
        return Err(too_large());
    }
    let mut content = Vec::new();
    content.try_reserve_exact(metadata.len() as usize)?;
    // It may have grown in the meantime.
    file.take(limit + 1).read_to_end(&mut content)?;
    if content.len() as u64 > limit {
        return Err(too_large());
    }
    Ok(content)
}

/// What a path is, without following links.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Nothing, or not accessible.
    Absent,
    /// A regular file.
    File,
    /// A symbolic link.
    Link,
    /// A folder, a device, a pipe and so on.
    Other,
}

/// What this path is.
pub fn kind(path: &Path) -> Kind {
    match std::fs::symlink_metadata(path) {
        Err(_) => Kind::Absent,
        Ok(metadata) if metadata.is_file() => Kind::File,
        Ok(metadata) if metadata.is_symlink() => Kind::Link,
        Ok(_) => Kind::Other,
    }
}

/// Whether this is a folder, and not a link to one.
pub fn is_folder(path: &Path) -> bool {
    std::fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_dir())
}

/// Prefix of the names of unfinished files. R writes such files as well.
pub const PART: &str = ".part-";

/// Writes a file atomically: under another name first.
pub fn write_whole(folder: &Path, name: &str, content: &[u8]) -> io::Result<()> {
    write_then(folder, name, content, |_, _| Ok(()))
}

/// Replaces a file in the same way. The new one has its owner and its mode.
pub fn replace(folder: &Path, name: &str, content: &[u8]) -> io::Result<()> {
    write_then(folder, name, content, |path, part| {
        // There is no other copy: it must not be empty after a power failure.
        OpenOptions::new().write(true).open(part)?.sync_all()?;
        copy_owner_and_mode(path, part)
    })
}

/// Whether `replace()` may be called: whether a file can be created, and can have the owner of the existing one.
pub fn check_replace(folder: &Path, name: &str) -> io::Result<()> {
    let part = new_part(folder);
    let done = create_private(&part).and_then(|_| copy_owner_and_mode(&folder.join(name), &part));
    // Best effort: the caller gets the other error.
    let _ = std::fs::remove_file(&part);
    done
}

fn copy_owner_and_mode(from: &Path, to: &Path) -> io::Result<()> {
    let wanted = std::fs::metadata(from)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::{chown, MetadataExt};
        let created = std::fs::metadata(to)?;
        if (created.uid(), created.gid()) != (wanted.uid(), wanted.gid()) {
            chown(to, Some(wanted.uid()), Some(wanted.gid()))?;
        }
    }
    std::fs::set_permissions(to, wanted.permissions())
}

/// A unique name: other processes may write the same file.
fn new_part(folder: &Path) -> PathBuf {
    folder.join(format!("{PART}{}", uuid::Uuid::new_v4()))
}

/// `prepare` gets the paths of the file and of the part that becomes the file.
fn write_then(
    folder: &Path,
    name: &str,
    content: &[u8],
    prepare: impl FnOnce(&Path, &Path) -> io::Result<()>,
) -> io::Result<()> {
    let part = new_part(folder);
    let path = folder.join(name);
    let written = create_private(&part).and_then(|mut file| file.write_all(content));
    let done = written
        .and_then(|()| prepare(&path, &part))
        .and_then(|()| std::fs::rename(&part, &path));
    if done.is_err() {
        // Best effort: the caller gets the error of writing.
        let _ = std::fs::remove_file(&part);
    }
    done
}

/// A new file that only the owner can read.
fn create_private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

#[cfg(unix)]
fn open(path: &Path, links: Links) -> io::Result<File> {
    use nix::fcntl::OFlag;
    use std::os::unix::fs::OpenOptionsExt;
    // Opening a pipe without a writer would block.
    let mut flags = OFlag::O_NONBLOCK | OFlag::O_NOCTTY;
    if links == Links::Refuse {
        flags |= OFlag::O_NOFOLLOW;
    }
    OpenOptions::new()
        .read(true)
        .custom_flags(flags.bits())
        .open(path)
}

#[cfg(not(unix))]
fn open(path: &Path, links: Links) -> io::Result<File> {
    if links == Links::Refuse && std::fs::symlink_metadata(path)?.is_symlink() {
        return Err(io::Error::other("it is a link"));
    }
    OpenOptions::new().read(true).open(path)
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn only_regular_files_within_the_limit_are_read() {
        let folder = std::env::temp_dir().join(format!("rekognition-file-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let path = |name: &str| folder.join(name);
        std::fs::write(path("file"), "content").unwrap();
        std::os::unix::fs::symlink(path("file"), path("link")).unwrap();
        std::os::unix::fs::symlink("/dev/zero", path("zero")).unwrap();
        let made = std::process::Command::new("mkfifo")
            .arg(path("pipe"))
            .status();
        assert!(made.unwrap().success());
        let sparse = File::create(path("sparse")).unwrap();
        sparse.set_len(20 << 30).unwrap();

        let read = |name: &str, links| read(&path(name), 7, links);
        assert_eq!(read("file", Links::Refuse).unwrap(), b"content");
        assert_eq!(read("link", Links::Follow).unwrap(), b"content");
        for (name, links) in [
            ("link", Links::Refuse),
            ("zero", Links::Refuse),
            ("zero", Links::Follow),
            ("pipe", Links::Refuse),
            ("sparse", Links::Refuse),
            (".", Links::Refuse),
            ("absent", Links::Refuse),
        ] {
            assert!(read(name, links).is_err(), "{name}");
        }
        for (name, expected) in [
            ("file", Kind::File),
            ("link", Kind::Link),
            ("pipe", Kind::Other),
            (".", Kind::Other),
            ("absent", Kind::Absent),
        ] {
            assert_eq!(kind(&path(name)), expected, "{name}");
        }
        assert!(is_folder(&folder));
        std::os::unix::fs::symlink(&folder, path("elsewhere")).unwrap();
        assert!(!is_folder(&path("elsewhere")));
        std::fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn a_file_that_is_replaced_keeps_its_mode() {
        let folder = std::env::temp_dir().join(format!("rekognition-mode-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let path = |name: &str| folder.join(name);
        write_whole(&folder, "file", b"content").unwrap();
        let shared = || std::fs::Permissions::from_mode(0o640);
        std::fs::set_permissions(path("file"), shared()).unwrap();
        replace(&folder, "file", b"other").unwrap();
        let mode = |name| std::fs::metadata(path(name)).unwrap().permissions().mode() & 0o777;
        assert_eq!(
            (std::fs::read(path("file")).unwrap(), mode("file")),
            (b"other".to_vec(), 0o640)
        );
        write_whole(&folder, "file", b"private").unwrap();
        assert_eq!(mode("file"), 0o600);
        assert!(replace(&folder, "absent", b"new").is_err());
        assert!(!path("absent").exists());
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
