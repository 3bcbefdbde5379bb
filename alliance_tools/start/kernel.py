"""The kernel of the course: the very Python that it is installed in, whatever else is found."""

from typing import Any

from ipykernel.kernelspec import RESOURCES
from jupyter_client.kernelspec import NATIVE_KERNEL_NAME, KernelSpecManager
from jupyter_client.manager import AsyncKernelManager

# what lessons begin with, so that any cell can be the first one that is run
READY = "import numpy as np, pandas as pd, alliance_course as ac"


class OwnKernels(KernelSpecManager):
    """Finds kernels as Jupyter does, but "python3" is this Python.

    Another installation may have left a kernel of this name in somebody's home: it would start a
    Python that has no course, or that is gone.
    """

    def find_kernel_specs(self) -> dict[str, str]:
        return {**super().find_kernel_specs(), NATIVE_KERNEL_NAME: RESOURCES}

    def get_kernel_spec(self, kernel_name: str) -> Any:
        if kernel_name == NATIVE_KERNEL_NAME:
            spec = self._get_kernel_spec_by_name(kernel_name, RESOURCES)
            spec.argv = [*spec.argv, f"--IPKernelApp.exec_lines={READY}"]
            return spec
        return super().get_kernel_spec(kernel_name)


class OwnKernelManager(AsyncKernelManager):
    """Starts the course's kernel."""

    def _kernel_spec_manager_default(self) -> KernelSpecManager:
        return OwnKernels(parent=self)
