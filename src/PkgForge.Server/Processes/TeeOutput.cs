namespace PkgForge.Server.Processes;

/// <summary>Gives what a tool prints to two. The tool is killed when either has had too much.</summary>
public sealed class TeeOutput(IOutput one, IOutput other) : IOutput
{
    /// <inheritdoc/>
    public bool Write(ReadOnlySpan<byte> bytes) => one.Write(bytes) & other.Write(bytes);
}
