//! Which columns are compared with each other, directly or through others.

use super::ColumnId;

/// The connected groups of columns under "is compared with", numbered from 0.
pub struct Families {
    family: Vec<usize>,
    count: usize,
}

impl Families {
    /// Groups the columns `0 .. ids`.
    pub fn new(ids: usize, compared: &[(ColumnId, ColumnId)]) -> Self {
        let mut parent: Vec<usize> = (0..ids).collect();
        for &(a, b) in compared {
            let (a, b) = (root(&mut parent, a), root(&mut parent, b));
            parent[a] = b;
        }
        let mut numbers = vec![usize::MAX; ids];
        let mut count = 0;
        let mut family = Vec::with_capacity(ids);
        for id in 0..ids {
            let number = &mut numbers[root(&mut parent, id)];
            if *number == usize::MAX {
                *number = count;
                count += 1;
            }
            family.push(*number);
        }
        Self { family, count }
    }

    pub fn count(&self) -> usize {
        self.count
    }

    pub fn of(&self, id: ColumnId) -> usize {
        self.family[id]
    }
}

fn root(parent: &mut [usize], mut id: usize) -> usize {
    while parent[id] != id {
        parent[id] = parent[parent[id]];
        id = parent[id];
    }
    id
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn joins_columns_that_are_compared_through_others() {
        let families = Families::new(6, &[(0, 3), (3, 5), (1, 2)]);
        assert_eq!(families.count(), 3);
        let same = |a, b| families.of(a) == families.of(b);
        assert!(same(0, 5) && same(1, 2) && !same(0, 1) && !same(4, 0));
    }
}
