"""The pages on which a gate's devices are set up and looked after."""
