"""The peers: other libraries' exact search for the nearest neighbors, each with its best settings, on two threads.

`prepare` and `search` are timed; creating a peer is not. A peer takes the matrix in the form that suits it. Every peer
but the article's answers with k + 1 neighbors, because the row itself is among them.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workloads import Matrix

THREADS = 2
Rows = NDArray[np.int64]


def normalized(matrix: Matrix) -> Matrix:
    unit: Matrix = matrix / np.linalg.norm(matrix, axis=1, keepdims=True)
    return unit


class Peer(ABC):
    """A search over one matrix."""

    # NumPy alone would start BLAS threads beside its workers'.
    blas_threads = THREADS

    def __init__(self, matrix: Matrix, distance: str, k: int) -> None:
        self.matrix = matrix
        self.distance = distance
        self.k = k

    def prepare(self) -> None:
        """Normalizes, indexes: what the library does once before searching, if anything."""

    @abstractmethod
    def search(self, rows: Rows | None) -> Any:
        """Finds the neighbors of some rows, or of all."""

    @abstractmethod
    def neighbors(self, answer: Any, position: int) -> tuple[NDArray[Any], NDArray[Any]]:
        """Returns ids and distances of the neighbors in one line of an answer."""

    def kth_distances(self, rows: Rows) -> list[float | None]:
        """Returns the distance of each row's k-th neighbor, itself excluded; None if there are fewer."""
        self.prepare()
        answer = self.search(rows)
        result: list[float | None] = []
        for position, row in enumerate(rows):
            ids, distances = self.neighbors(answer, position)
            others = np.sort(distances[(ids != row) & (ids >= 0)])
            result.append(float(others[self.k - 1]) if len(others) >= self.k else None)
        return result


class Faiss(Peer):
    """FAISS, flat index, with its default settings."""

    def __init__(self, matrix: Matrix, distance: str, k: int) -> None:
        super().__init__(matrix, distance, k)
        import faiss

        faiss.omp_set_num_threads(THREADS)
        self.faiss = faiss

    def prepare(self) -> None:
        dimension = self.matrix.shape[1]
        self.vectors = self.matrix
        if self.distance == "cosine":
            self.vectors = self.matrix.copy()
            self.faiss.normalize_L2(self.vectors)
            self.index: Any = self.faiss.IndexFlatIP(dimension)
        elif self.distance == "euclidean":
            self.index = self.faiss.IndexFlatL2(dimension)
        else:
            self.index = self.faiss.IndexFlat(dimension, self.faiss.METRIC_L1)
        self.index.add(self.vectors)

    def search(self, rows: Rows | None) -> Any:
        return self.index.search(self.vectors if rows is None else self.vectors[rows], self.k + 1)

    def neighbors(self, answer: Any, position: int) -> tuple[NDArray[Any], NDArray[Any]]:
        raw = answer[0][position]
        match self.distance:
            case "cosine":
                raw = 1 - raw
            case "euclidean":
                raw = np.sqrt(np.maximum(raw, 0))
        return answer[1][position], raw


class TunedFaiss(Faiss):
    """FAISS with the settings that were found to be the fastest: reservoir selection, blocks of 1,024 x 1,024."""

    def __init__(self, matrix: Matrix, distance: str, k: int) -> None:
        super().__init__(matrix, distance, k)
        self.faiss.cvar.distance_compute_min_k_reservoir = 1
        self.faiss.cvar.distance_compute_blas_query_bs = 1024
        self.faiss.cvar.distance_compute_blas_database_bs = 1024


class ChunkedPeer(Peer):
    """Distances of a chunk of rows to all, then the nearest by partition; two workers take turns."""

    blas_threads = 1
    elements_per_chunk = 2_000_000

    @abstractmethod
    def distances(self, rows: Rows) -> NDArray[Any]:
        """Returns a new matrix of the distances of some rows to all rows."""

    def search(self, rows: Rows | None) -> Any:
        count = len(self.matrix)
        rows = np.arange(count) if rows is None else rows
        size = max(8, self.elements_per_chunk // count)
        ids = np.empty((len(rows), self.k + 1), np.int64)
        nearest = np.empty((len(rows), self.k + 1), np.float32)

        def chunk(start: int) -> None:
            distances = self.distances(rows[start : start + size])
            near = np.argpartition(distances, self.k, axis=1)[:, : self.k + 1]
            values = np.take_along_axis(distances, near, 1)
            order = np.argsort(values, 1)
            ids[start : start + size] = np.take_along_axis(near, order, 1)
            nearest[start : start + size] = np.take_along_axis(values, order, 1)

        with ThreadPoolExecutor(THREADS) as workers:
            list(workers.map(chunk, range(0, len(rows), size)))
        return nearest, ids

    def neighbors(self, answer: Any, position: int) -> tuple[NDArray[Any], NDArray[Any]]:
        return answer[1][position], answer[0][position]


class NumPy(ChunkedPeer):
    """NumPy: the matrix product of a chunk with all rows. Cosine and euclidean."""

    def prepare(self) -> None:
        if self.distance == "cosine":
            self.vectors = normalized(self.matrix)
        else:
            self.vectors = self.matrix
            self.squared_norms = np.einsum("ij,ij->i", self.matrix, self.matrix)

    def distances(self, rows: Rows) -> NDArray[Any]:
        products: NDArray[Any] = self.vectors[rows] @ self.vectors.T
        if self.distance == "cosine":
            np.subtract(1, products, out=products)
        else:
            products *= -2
            products += self.squared_norms
            products += self.squared_norms[rows][:, None]
            np.sqrt(np.maximum(products, 0, out=products), out=products)
        return products


class SciPy(ChunkedPeer):
    """SciPy: cdist of a chunk with all rows. Manhattan and euclidean."""

    elements_per_chunk = 4_000_000

    def __init__(self, matrix: Matrix, distance: str, k: int) -> None:
        super().__init__(matrix, distance, k)
        from scipy.spatial.distance import cdist

        self.cdist: Callable[..., NDArray[Any]] = cdist
        self.metric = {"manhattan": "cityblock", "euclidean": "euclidean"}[distance]
        self.doubles = matrix.astype(np.float64)

    def distances(self, rows: Rows) -> NDArray[Any]:
        return self.cdist(self.doubles[rows], self.doubles, self.metric)


class ScikitLearn(Peer):
    """scikit-learn, brute force; cosine as euclidean over normalized rows, which is its faster path."""

    def prepare(self) -> None:
        from sklearn.neighbors import NearestNeighbors

        is_cosine = self.distance == "cosine"
        self.vectors = normalized(self.matrix) if is_cosine else self.matrix
        self.model = NearestNeighbors(
            n_neighbors=self.k + 1,
            algorithm="brute",
            metric="euclidean" if is_cosine else self.distance,
            n_jobs=THREADS,
        ).fit(self.vectors)

    def search(self, rows: Rows | None) -> Any:
        return self.model.kneighbors(self.vectors if rows is None else self.vectors[rows])

    def neighbors(self, answer: Any, position: int) -> tuple[NDArray[Any], NDArray[Any]]:
        distances = answer[0][position]
        return answer[1][position], distances**2 / 2 if self.distance == "cosine" else distances


class SparseDotTopN(Peer):
    """sparse_dot_topn: the largest products of normalized sparse rows. Cosine."""

    def __init__(self, matrix: Matrix, distance: str, k: int) -> None:
        super().__init__(matrix, distance, k)
        from scipy.sparse import csr_matrix

        self.sparse = csr_matrix(matrix)

    def prepare(self) -> None:
        self.vectors = self.sparse.copy()
        sums = np.add.reduceat(self.vectors.data**2, self.vectors.indptr[:-1])
        self.vectors.data /= np.repeat(np.sqrt(sums), np.diff(self.vectors.indptr))
        self.transposed = self.vectors.T.tocsr()

    def search(self, rows: Rows | None) -> Any:
        from sparse_dot_topn import sp_matmul_topn

        queries = self.vectors if rows is None else self.vectors[rows]
        return sp_matmul_topn(queries, self.transposed, top_n=self.k + 1, sort=True, n_threads=THREADS)

    def neighbors(self, answer: Any, position: int) -> tuple[NDArray[Any], NDArray[Any]]:
        line = slice(answer.indptr[position], answer.indptr[position + 1])
        return answer.indices[line], 1 - answer.data[line]


class Article(Peer):
    """The article's Numba function: for one client, a loop over all others. It lists distances and selects nothing."""

    def __init__(self, matrix: Matrix, distance: str, k: int) -> None:
        super().__init__(matrix, distance, k)
        import numba

        @numba.njit(nogil=True)
        def distances_of(client: int, clients: NDArray[np.float64]) -> list[float]:
            distances = []
            u = clients[client]
            for other in range(clients.shape[0]):
                v = clients[other]
                distances.append(round(1 - np.sum(u * v) / np.sqrt(np.sum(u**2)) / np.sqrt(np.sum(v**2)), 4))
            return distances

        self.distances_of = distances_of
        self.clients = matrix.astype(np.float64)

    def search(self, rows: Rows | None) -> None:
        clients = range(len(self.matrix)) if rows is None else rows
        with ThreadPoolExecutor(THREADS) as workers:
            # The lists of all clients together would not fit into memory.
            for _ in workers.map(lambda client: len(self.distances_of(client, self.clients)), clients):
                pass

    def neighbors(self, answer: Any, position: int) -> tuple[NDArray[Any], NDArray[Any]]:
        raise NotImplementedError

    def kth_distances(self, rows: Rows) -> list[float | None]:
        def kth(row: int) -> float:
            others = np.delete(self.distances_of(row, self.clients), row)
            return float(np.partition(others, self.k - 1)[self.k - 1])

        return [kth(row) for row in rows]


PEERS: dict[str, type[Peer]] = {
    "FAISS": TunedFaiss,
    "FAISS, default settings": Faiss,
    "NumPy": NumPy,
    "SciPy cdist": SciPy,
    "scikit-learn": ScikitLearn,
    "sparse_dot_topn": SparseDotTopN,
    "the article's Numba": Article,
}
