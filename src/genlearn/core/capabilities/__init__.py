"""What a model can do, as types. A face or a metric asks ``isinstance(model, Scores)``, never for a
model by name.

What a model cannot do is absent from its class line: a GAN has no ``score_samples`` to raise from.
"""

from .codes import DecodesExactly as DecodesExactly
from .codes import Encodes as Encodes
from .codes import EncodesWords as EncodesWords
from .codes import HasFeatures as HasFeatures
from .codes import InfersPosterior as InfersPosterior
from .codes import InvertsByOptimization as InvertsByOptimization
from .codes import SamplesCodes as SamplesCodes
from .data import Array as Array
from .data import DatasetProtocol as DatasetProtocol
from .data import LogProbKind as LogProbKind
from .drawing import DiffusionProcess as DiffusionProcess
from .drawing import InterpolatesPrompts as InterpolatesPrompts
from .drawing import MixesStyles as MixesStyles
from .drawing import Samples as Samples
from .drawing import SuperResolves as SuperResolves
from .exporting import AutoencoderParts as AutoencoderParts
from .exporting import Exports as Exports
from .exporting import ExportsAutoencoder as ExportsAutoencoder
from .exporting import ExportsPipeline as ExportsPipeline
from .exporting import Graph as Graph
from .exporting import PipelineParts as PipelineParts
from .judging import Discriminates as Discriminates
from .judging import Scores as Scores
from .judging import ScoresColumns as ScoresColumns
from .restoring import Denoises as Denoises
from .restoring import Inpaints as Inpaints
from .restoring import Restores as Restores
