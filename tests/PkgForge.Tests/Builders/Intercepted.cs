using System.Reflection;

namespace PkgForge.Tests.Builders;

/// <summary>The real thing, with somebody who sees each call before it is made, and may throw in its place.</summary>
public class Intercepted<T> : DispatchProxy
    where T : class
{
    private T inner = null!;
    private Action<string> before = null!;

    /// <param name="inner">What does the work.</param>
    /// <param name="before">Takes the name of each method that is called.</param>
    public static T Create(T inner, Action<string> before)
    {
        var proxy = Create<T, Intercepted<T>>();
        var self = (Intercepted<T>)(object)proxy;
        (self.inner, self.before) = (inner, before);
        return proxy;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        before(targetMethod!.Name);
        return targetMethod.Invoke(inner, BindingFlags.DoNotWrapExceptions, null, args, null);
    }
}
