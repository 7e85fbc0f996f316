//! Directory trees inside of an executable, as the configuration holds them.
//!
//! A node is its kind (a byte), its name and its content (length-prefixed bytes). The content of a directory is the
//! nodes in it, in order of their names, that of a symbolic link its target.

use crate::leb::Reader;

/// What a node is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Kind {
    /// A directory.
    Directory = 1,
    /// A file.
    File = 2,
    /// A symbolic link.
    Link = 3,
}

/// A file, a directory or a symbolic link.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Node<'a> {
    /// What it is.
    pub kind: Kind,
    /// Its name in the directory that it is in.
    pub name: &'a [u8],
    /// The nodes of a directory, the bytes of a file, the target of a link.
    pub content: &'a [u8],
}

/// The nodes that follow one another in some bytes, each with its offset. Malformed bytes end them.
#[derive(Clone, Debug)]
pub struct Nodes<'a> {
    reader: Reader<'a>,
    len: usize,
}

impl<'a> Nodes<'a> {
    /// The nodes in `bytes`.
    pub const fn new(bytes: &'a [u8]) -> Self {
        Nodes {
            reader: Reader::new(bytes),
            len: bytes.len(),
        }
    }
}

impl<'a> Iterator for Nodes<'a> {
    type Item = (usize, Node<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        let offset = self.len - self.reader.rest().len();
        let kind = match self.reader.u8()? {
            1 => Kind::Directory,
            2 => Kind::File,
            3 => Kind::Link,
            _ => return None,
        };
        let name = self.reader.bytes()?;
        let content = self.reader.bytes()?;
        let node = Node {
            kind,
            name,
            content,
        };
        Some((offset, node))
    }
}

/// Appends a node.
#[cfg(feature = "encode")]
pub fn write(out: &mut alloc::vec::Vec<u8>, node: &Node<'_>) {
    out.push(node.kind as u8);
    crate::leb::write_bytes(out, node.name);
    crate::leb::write_bytes(out, node.content);
}

#[cfg(all(test, feature = "encode"))]
mod tests {
    use super::*;

    #[test]
    fn nodes_round_trip() {
        let nodes = [
            Node {
                kind: Kind::Directory,
                name: b"empty",
                content: b"",
            },
            Node {
                kind: Kind::File,
                name: b"file",
                content: b"content",
            },
            Node {
                kind: Kind::Link,
                name: b"link",
                content: b"file",
            },
        ];
        let mut bytes = alloc::vec::Vec::new();
        let mut offsets = alloc::vec::Vec::new();
        for node in &nodes {
            offsets.push(bytes.len());
            write(&mut bytes, node);
        }
        assert!(Nodes::new(&bytes).map(|(_, node)| node).eq(nodes));
        assert!(Nodes::new(&bytes).map(|(offset, _)| offset).eq(offsets));
        assert_eq!(Nodes::new(&bytes[..5]).next(), None);
    }
}
