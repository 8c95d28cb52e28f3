namespace PkgForge.Server.Remote;

/// <summary>The bytes that were sent do not continue what the server has.</summary>
/// <param name="length">How many it has.</param>
internal sealed class WrongOffsetException(long length) : Exception($"the server has {length} bytes")
{
    public long Length { get; } = length;
}

/// <summary>What has arrived at the server is not what was announced.</summary>
internal sealed class NotAsAnnouncedException(string message) : Exception(message);

/// <summary>The server does not have what was asked for, or no longer: a list made anew may name what it has.</summary>
internal sealed class NotThereException(string message) : Exception(message);
