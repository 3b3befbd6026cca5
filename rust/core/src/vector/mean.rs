//! The mean of the vectors of a partition.

use super::codes::QueryCode;
use super::kernels;

/// A mean, and what a search by the distance to it needs of it.
#[derive(Debug, Clone)]
pub(crate) struct Mean {
    pub(crate) vector: Vec<f32>,
    pub(crate) length: f32,
    /// Code of the mean scaled to length 1.
    pub(crate) code: QueryCode,
}

impl Mean {
    pub(crate) fn new(vector: Vec<f32>) -> Self {
        let length = kernels::norm(&vector);
        let scale = if length > 0.0 { 1.0 / length } else { 0.0 };
        let unit: Vec<f32> = vector
            .iter()
            .map(|value| (f64::from(*value) * scale) as f32)
            .collect();
        Self {
            code: QueryCode::new(&unit),
            length: length as f32,
            vector,
        }
    }

    pub(crate) fn bytes(&self) -> usize {
        self.vector.capacity() * (size_of::<f32>() + size_of::<i16>())
    }
}
