namespace PkgForge.Jobs;

/// <summary>What a task does when one of its sources fails to build.</summary>
public enum OnError
{
    /// <summary>The source goes to the back of the sequence and is tried again as long as another has succeeded since.</summary>
    Retry,

    /// <summary>The task ends.</summary>
    Stop,
}
