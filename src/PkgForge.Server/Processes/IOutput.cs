namespace PkgForge.Server.Processes;

/// <summary>Takes what a tool prints, as it prints it: a log, or memory.</summary>
public interface IOutput
{
    /// <summary>Takes some bytes. Returns false when it takes no more, upon which the tool is killed.</summary>
    bool Write(ReadOnlySpan<byte> bytes);
}
