namespace PkgForge.Server.Processes;

/// <summary>Keeps a tool's complaints out of its output, where that is to be read by a program.</summary>
/// <param name="output">Takes standard output.</param>
/// <param name="errors">Takes standard error.</param>
public sealed class SeparateOutput(IOutput output, IOutput errors) : IOutput
{
    /// <summary>Takes standard error.</summary>
    public IOutput Errors => errors;

    /// <inheritdoc/>
    public bool Write(ReadOnlySpan<byte> bytes) => output.Write(bytes);
}
