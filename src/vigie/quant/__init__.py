"""quant."""

from vigie.compiled import prepare

prepare()
