//! Files for one test.

use std::path::{Path, PathBuf};

/// A folder that is removed after its test.
pub struct Folder(PathBuf);

impl Folder {
    /// A new one. The name must be unique among the tests of a process.
    pub fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("rekognition-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&path).expect("a folder");
        Folder(path)
    }

    /// Its path.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Writes a file, and returns its path.
    pub fn write(&self, name: &str, content: &str) -> String {
        let path = self.0.join(name);
        let parent = path.parent().expect("a folder");
        std::fs::create_dir_all(parent).expect("a folder");
        std::fs::write(&path, content).expect("a file");
        path.display().to_string()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
