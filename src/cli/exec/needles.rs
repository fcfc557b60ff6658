//! The texts that are looked for in a stream, all at once (Aho and Corasick, 1975).
//!
//! A trie of our own, since it holds secrets and is wiped, and since a masker must know how much
//! of the stream a text may still begin with. Libraries for this tell neither.

use std::collections::VecDeque;

use zeroize::Zeroize as _;

use super::spellings::spellings;
use crate::domain::secrets::secret::SecretValue;

/// The node of the empty text.
pub(super) const ROOT: u32 = 0;

/// A beginning of at least one text; it is at most as long as the longest.
#[derive(Clone, Copy, Default)]
struct Node {
    /// Its last byte.
    byte: u8,
    depth: u32,
    /// The first of the nodes that are one byte longer, [`ROOT`] if there is none.
    child: u32,
    /// The next node with the same beginning, [`ROOT`] if there is none.
    sibling: u32,
    /// Its longest proper end that is a node itself.
    fallback: u32,
    /// The length of the longest text that it ends with, 0 if there is none.
    matched: u32,
}

/// The texts in a form that reads a stream byte by byte.
pub(super) struct Needles {
    nodes: Vec<Node>,
    /// The nodes of one byte.
    first: [u32; 256],
}

impl Needles {
    /// All [`spellings`] of some values.
    pub(super) fn of(values: &[&SecretValue]) -> Self {
        let spelt: Vec<_> = values.iter().flat_map(|value| spellings(value)).collect();
        let texts: Vec<&str> = spelt.iter().map(|text| text.as_str()).collect();
        Self::new(&texts)
    }

    /// These texts; empty ones are left out.
    pub(super) fn new(texts: &[&str]) -> Self {
        let bytes: usize = texts.iter().map(|text| text.len()).sum();
        // Room for all at once: what grows leaves copies behind.
        let mut needles = Self { nodes: Vec::with_capacity(bytes + 1), first: [ROOT; 256] };
        needles.nodes.push(Node::default());
        for text in texts {
            needles.insert(text.as_bytes());
        }
        needles.link();
        needles
    }

    fn insert(&mut self, text: &[u8]) {
        let mut node = ROOT;
        for (depth, byte) in (1..).zip(text) {
            node = match self.child(node, *byte) {
                ROOT => self.grow(node, *byte, depth),
                child => child,
            };
        }
        if node != ROOT {
            self.nodes[node as usize].matched = self.node(node).depth;
        }
    }

    fn grow(&mut self, parent: u32, byte: u8, depth: u32) -> u32 {
        let new = u32::try_from(self.nodes.len()).expect("secrets are far shorter than 4 GiB");
        let sibling = std::mem::replace(&mut self.nodes[parent as usize].child, new);
        self.nodes.push(Node { byte, depth, sibling, ..Node::default() });
        if parent == ROOT {
            self.first[usize::from(byte)] = new;
        }
        new
    }

    /// Finds where each node falls back to, the shorter ones first.
    fn link(&mut self) {
        let mut open = VecDeque::from([ROOT]);
        while let Some(parent) = open.pop_front() {
            let mut child = self.node(parent).child;
            while child != ROOT {
                let Node { byte, sibling, matched, .. } = self.node(child);
                let fallback =
                    if parent == ROOT { ROOT } else { self.step(self.node(parent).fallback, byte) };
                let matched = if matched == 0 { self.node(fallback).matched } else { matched };
                let node = &mut self.nodes[child as usize];
                (node.fallback, node.matched) = (fallback, matched);
                open.push_back(child);
                child = sibling;
            }
        }
    }

    fn node(&self, node: u32) -> Node {
        self.nodes[node as usize]
    }

    /// The node that is one byte longer, [`ROOT`] if there is none.
    fn child(&self, parent: u32, byte: u8) -> u32 {
        if parent == ROOT {
            return self.first[usize::from(byte)];
        }
        let mut child = self.node(parent).child;
        while child != ROOT && self.node(child).byte != byte {
            child = self.node(child).sibling;
        }
        child
    }

    /// Where in some bytes a text may begin.
    pub(super) fn first_in(&self, bytes: &[u8]) -> Option<usize> {
        bytes.iter().position(|byte| self.first[usize::from(*byte)] != ROOT)
    }

    /// The longest end of a stream that is a node, when it was `node` before the last byte.
    pub(super) fn step(&self, mut node: u32, byte: u8) -> u32 {
        loop {
            let next = self.child(node, byte);
            if next != ROOT || node == ROOT {
                return next;
            }
            node = self.node(node).fallback;
        }
    }

    /// How long the longest text is that ends here.
    pub(super) fn matched(&self, node: u32) -> Option<usize> {
        Some(self.node(node).matched as usize).filter(|length| *length > 0)
    }

    /// The longest end of it that a text begins with and goes on after.
    pub(super) fn extensible(&self, mut node: u32) -> u32 {
        while node != ROOT && self.node(node).child == ROOT {
            node = self.node(node).fallback;
        }
        node
    }

    /// How many bytes a node has.
    pub(super) fn depth(&self, node: u32) -> usize {
        self.node(node).depth as usize
    }
}

impl Drop for Needles {
    fn drop(&mut self) {
        self.nodes.iter_mut().for_each(|node| node.byte.zeroize());
        self.first.zeroize();
    }
}
